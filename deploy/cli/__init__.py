"""The command `edge-deploy`: every error is one sentence and an exit code. Needs nothing but Python's own library."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from deploy.unwritable import unusable
from edge.errors import EdgeError

_STOPPED = 128


class _Stopped(BaseException):
    """A signal has asked for the end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show a bar
    os.umask(0o022)  # what is installed has to be readable for the service's user
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except SystemExit as end:  # argparse, after the help
        return int(end.code or 0)
    except _Stopped as stop:
        print("\nedge-deploy: stopped; the same command again goes on from here.", file=sys.stderr)
        return _STOPPED + stop.number
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _STOPPED + signal.SIGPIPE  # a provision may have been under way
    except Exception as error:
        return _told(error)


def _run(words: list[str]) -> int:
    from deploy.cli.parser import parse

    arguments = parse(words)
    status: int = arguments.command(arguments)
    sys.stdout.flush()
    return status


def _told(error: Exception) -> int:
    """One sentence, and the exit code for it."""
    if isinstance(error, OSError):
        error = unusable(error)
    if not isinstance(error, EdgeError):
        return _bug(error)
    print(f"edge-deploy: {error}", file=sys.stderr)
    return error.exit_code


def _bug(error: Exception) -> int:
    """Where it broke, in the last line of the stack: nobody has another way to ask a provision for it."""
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    words = f"{type(error).__name__}: {error}".rstrip(": ").replace("\n", " ")
    print(f"edge-deploy: it broke at {Path(last.filename).name}:{last.lineno} ({words}).", file=sys.stderr)
    return 1


def _stop(number: int, _frame: FrameType | None) -> None:
    raise _Stopped(number)
