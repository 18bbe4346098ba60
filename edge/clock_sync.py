"""Whether the wall clock can be believed: the kernel knows; a sandbox that may not ask it asks systemd-timedated."""

from __future__ import annotations

import ctypes
import errno
import functools
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from edge.clock import NS_PER_S

_MARK = Path("/run/systemd/timesync/synchronized")
EARLIEST_SANE_UNIX_S = 1_735_689_600  # 2025-01-01: an earlier date is a board without a clock battery
_TIME_ERROR = 5  # adjtimex(2): not synchronised
_AGAIN_NS = {True: 600 * NS_PER_S, False: 15 * NS_PER_S}  # each question may start timedated, which ends when idle
_STEP_NS = NS_PER_S  # nobody who keeps a clock right moves it that far at once; who sets it by hand does
_BUS_TIMEOUT_US = 5_000_000

_log = logging.getLogger(__name__)


class ClockSync:
    """Asked for every message, so it never waits: what only the bus knows is asked in the background and remembered.

    `kernel` answers None where it may not be asked, as under ProtectClock=; `bus` where nobody answers there.
    """

    def __init__(
        self,
        kernel: Callable[[], bool | None] | None = None,
        bus: Callable[[], bool | None] | None = None,
        now_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._kernel = kernel or kernel_says
        self._bus = bus or timedated_says
        self._now_ns = now_ns
        self._answer = False
        self._next_ns: int | None = None
        self._offset_ns: int | None = None
        self._asking = threading.Lock()

    def synced(self) -> bool:
        """The year is sane, and a time server has been heard."""
        if time.time() < EARLIEST_SANE_UNIX_S:
            return False
        if _MARK.exists():
            return True
        known = self._kernel()
        return self._remembered() if known is None else known

    def _remembered(self) -> bool:
        if self._stepped():
            self._answer, self._next_ns = False, None
        due = self._next_ns is None or self._now_ns() >= self._next_ns
        if due and self._asking.acquire(blocking=False):
            threading.Thread(target=self._ask, name="clock-sync", daemon=True).start()
        return self._answer

    def _stepped(self) -> bool:
        """Whether the wall clock has been set since the last look."""
        offset_ns = time.time_ns() - self._now_ns()
        before_ns, self._offset_ns = self._offset_ns, offset_ns
        return before_ns is not None and abs(offset_ns - before_ns) > _STEP_NS

    def _ask(self) -> None:
        try:
            self._answer = bool(self._bus())
        finally:
            self._next_ns = self._now_ns() + _AGAIN_NS[self._answer]
            self._asking.release()


def kernel_says() -> bool | None:
    """adjtimex(2) needs no rights, but a sandbox may forbid it: None then."""
    buffer = (ctypes.c_char * 256)()
    try:
        state: int = _libc().adjtimex(buffer)
    except (OSError, AttributeError):
        return None
    if state < 0:
        return None if ctypes.get_errno() in (errno.EPERM, errno.ENOSYS, errno.EACCES) else False
    return state < _TIME_ERROR


def timedated_says() -> bool | None:
    """NTPSynchronized of org.freedesktop.timedate1(5): true for every time daemon that tells the kernel."""
    try:
        library = ctypes.CDLL("libsystemd.so.0")
        return _bus_property(library)
    except (OSError, AttributeError) as error:
        _log.debug("systemd-timedated cannot be asked whether the clock is synchronised: %s", error)
        return None


def _bus_property(library: ctypes.CDLL) -> bool | None:
    name, path = b"org.freedesktop.timedate1", b"/org/freedesktop/timedate1"
    bus, value = ctypes.c_void_p(), ctypes.c_int()
    if library.sd_bus_open_system(ctypes.byref(bus)) < 0:
        return None
    try:
        library.sd_bus_set_method_call_timeout(bus, ctypes.c_uint64(_BUS_TIMEOUT_US))
        wanted = (bus, name, path, name, b"NTPSynchronized", None, ctypes.c_char(b"b"), ctypes.byref(value))
        return bool(value.value) if library.sd_bus_get_property_trivial(*wanted) >= 0 else None
    finally:
        library.sd_bus_flush_close_unref.restype = ctypes.c_void_p
        library.sd_bus_flush_close_unref(bus)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


_of_this_process = ClockSync()


def clock_synced() -> bool:
    """Whether this process may believe the wall clock."""
    return _of_this_process.synced()
