"""The command `edge-emotion`: every error is one sentence and an exit code."""

from __future__ import annotations

import itertools
import os
import sys
import traceback
from collections.abc import Sequence

from edge.cli.parser import parse
from edge.errors import EdgeError

_THREAD_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code."""
    # Libraries that start a thread per core get into each other's way; to be said before they are imported.
    for name in _THREAD_COUNTS:
        os.environ.setdefault(name, "1")
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = parse(words)
        status: int = arguments.command(arguments)
        sys.stdout.flush()
    except EdgeError as error:
        return _report(str(error), error.exit_code, words)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader has left, as in `edge-emotion … | head`: nothing may be flushed at exit any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        kind = f"{type(error).__name__}: {error}".rstrip(": ")
        return _report(f"an error of the program itself ({kind}): --log-level debug shows where.", 1, words)
    return status


def _report(sentence: str, exit_code: int, words: Sequence[str]) -> int:
    if _wants_traceback(words):
        traceback.print_exc()
    print(f"edge-emotion: {sentence}", file=sys.stderr)
    return exit_code


def _wants_traceback(words: Sequence[str]) -> bool:
    return "--log-level=debug" in words or ("--log-level", "debug") in itertools.pairwise(words)
