"""The command `edge-emotion`: every error is one sentence and an exit code."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as in typing, which would have to be imported
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

# Up here nothing is imported that Python has not loaded itself: until `main` runs, Ctrl-C shows where Python was.

_THREAD_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    runs = not words or words[0] in {"run", "demo"} or (words[0].startswith("-") and words[0] != "--version")
    try:
        from edge.errors import EdgeError

        if argv is None and runs:
            _end_quietly(words)
        from edge.cli.streams import mend_streams

        mend_streams()
        # Libraries that start a thread per core get into each other's way; to be said before they are imported.
        for name in _THREAD_COUNTS:
            os.environ.setdefault(name, "1")
        from edge.cli.parser import parse

        arguments = parse(words)
        status: int = arguments.command(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 0 if runs else _INTERRUPTED
    except SystemExit as end:  # argparse, after the help
        return _flushed(int(end.code or 0), words)
    except EdgeError as error:
        return _reported(str(error), error.exit_code, words)
    except OSError as error:
        return _unwritten(error, words) if _is_output(error, runs) else _bug(error, words)
    except Exception as error:
        return _bug(error, words)
    return status


def _end_quietly(words: Sequence[str]) -> None:
    """Until the daemon listens itself, a signal ends the process at once: nothing has started that needs a goodbye.

    The demo may be making its clip, and has to take the unfinished one away. To a service SIGHUP says `reload`, and
    what it has not read yet it need not read again.
    """
    import signal

    def leave(_number: int, _frame: FrameType | None) -> None:
        os._exit(0)

    served = bool(os.environ.get("NOTIFY_SOCKET")) and words[:1] != ["demo"]
    if served:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, signal.default_int_handler if words[:1] == ["demo"] else leave)


def _is_output(error: OSError, runs: bool) -> bool:
    """Whether it was standard output that failed: the other commands write nothing else that has no name."""
    import errno

    full = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
    return isinstance(error, BrokenPipeError) or (not runs and error.filename is None and error.errno in full)


def _flushed(status: int, words: Sequence[str]) -> int:
    try:
        sys.stdout.flush()
    except OSError as error:
        return _unwritten(error, words)
    return status


def _unwritten(error: OSError, words: Sequence[str]) -> int:
    """A reader that has left, as in `edge-emotion … | head`, is no fault; a full disk is."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing may be flushed at exit any more
    if isinstance(error, BrokenPipeError):
        return 0
    return _reported(f"standard output cannot be written ({error.strerror}); send it somewhere else.", 1, words)


def _bug(error: Exception, words: Sequence[str]) -> int:
    kind = f"{type(error).__name__}: {error}".rstrip(": ")
    return _reported(f"an error of the program itself ({kind}): --log-level debug shows where.", 1, words)


def _reported(sentence: str, exit_code: int, words: Sequence[str]) -> int:
    from edge.cli.report import report

    return report("edge-emotion", sentence, exit_code, words)
