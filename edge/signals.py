"""What signals mean to a run: its end, its settings once more, or, of a crash, where every thread was."""

from __future__ import annotations

import faulthandler
import logging
import signal
import threading
from types import FrameType

_log = logging.getLogger("edge.daemon")


class Signals:
    """While it is entered: SIGINT and SIGTERM set `stop`, and SIGHUP too or, with `reloads`, `reload`.

    For the main thread. Without `reloads` a SIGHUP that is ignored stays so: nohup wants it.
    """

    def __init__(self, *, reloads: bool) -> None:
        self.stop = threading.Event()
        self.reload = threading.Event()
        self._meanings = {signal.SIGINT: self.stop, signal.SIGTERM: self.stop}
        if reloads:
            self._meanings[signal.SIGHUP] = self.reload
        elif signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            self._meanings[signal.SIGHUP] = self.stop
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Signals:  # noqa: PYI034  (typing.Self needs Python 3.11)
        _name_threads_of_a_crash()
        self._before = {number: signal.signal(number, self._heard) for number in self._meanings}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        self._meanings[signal.Signals(number)].set()


def _name_threads_of_a_crash() -> None:
    """A fatal signal, like the SIGABRT of systemd's watchdog, says where every thread was."""
    try:
        faulthandler.enable()
    except (OSError, RuntimeError, ValueError):  # standard error is closed, or is no file
        _log.debug("a crash will not say where it happened")
