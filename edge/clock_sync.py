"""Whether the wall clock can be believed: systemd-timesyncd's mark says so, or the kernel does."""

from __future__ import annotations

import ctypes
import functools
import time
from collections.abc import Callable
from pathlib import Path

from edge.clock import NS_PER_S

EARLIEST_SANE_UNIX_S = 1_735_689_600  # 2025-01-01: an earlier date is a board without a clock battery
_MARK = Path("/run/systemd/timesync/synchronized")  # touched by timesyncd whenever it has set the clock
_TIME_ERROR = 5  # adjtimex(2): not synchronised
_STEP_NS = NS_PER_S  # nobody who keeps a clock right moves it that far at once; who sets it by hand does


def _since_boot_ns() -> int:
    """CLOCK_BOOTTIME: sleep counts, so that waking up does not look like a clock that was set."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class ClockSync:
    """Asked for every message. After the clock was set, the mark counts again when it is newer than that.

    `kernel` answers None where it may not be asked, as under the service's ProtectClock=: the mark decides alone then.
    (systemd-timedated, who may ask, cannot be asked: dbus-daemon refuses DynamicUser=, systemd issue 22737.)
    """

    def __init__(
        self, kernel: Callable[[], bool | None] | None = None, now_ns: Callable[[], int] = _since_boot_ns
    ) -> None:
        self._kernel = kernel or kernel_says
        self._now_ns = now_ns
        self._looked_ns: int | None = None
        self._offset_ns = 0
        self._doubted_ns: int | None = None

    def synced(self) -> bool:
        """The year is sane, and a time server has been heard."""
        mark_ns = _mark_ns()
        self._look(mark_ns)
        if time.time_ns() < EARLIEST_SANE_UNIX_S * NS_PER_S:
            return False
        if mark_ns is not None and mark_ns != self._doubted_ns:
            return True
        return self._kernel() is True

    def _look(self, mark_ns: int | None) -> None:
        """Doubt a mark that is older than the moment in which the clock was set; both clocks have just been read."""
        now_ns, wall_ns = self._now_ns(), time.time_ns()
        if self._looked_ns is not None and abs(wall_ns - now_ns - self._offset_ns) > _STEP_NS:
            since_ns = now_ns - self._looked_ns
            is_newer = mark_ns is not None and wall_ns - since_ns <= mark_ns <= wall_ns
            self._doubted_ns = None if is_newer else mark_ns
        self._looked_ns, self._offset_ns = now_ns, wall_ns - now_ns


def kernel_says() -> bool | None:
    """adjtimex(2) needs no rights, but a sandbox may forbid it: None then."""
    buffer = (ctypes.c_char * 256)()
    try:
        state: int = _libc().adjtimex(buffer)
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state < _TIME_ERROR


def timesyncd_says() -> bool:
    """Whether systemd-timesyncd has set the clock since the boot."""
    return _mark_ns() is not None


def _mark_ns() -> int | None:
    try:
        return _MARK.stat().st_mtime_ns
    except OSError:
        return None


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


_of_this_process = ClockSync()


def clock_synced() -> bool:
    """Whether this process may believe the wall clock."""
    return _of_this_process.synced()
