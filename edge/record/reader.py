"""One source read on a thread of its own into a bounded buffer, from its opening to its end or its first fault."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from edge.buffers import DoubleBuffer
from edge.capture.source import EndOfStream, Source
from edge.clock import NS_PER_S, Clock
from edge.errors import DeviceError, EdgeError

READ_TIMEOUT_S = 0.2
SILENT_LIMIT_S = 5.0
JOIN_S = 4.0

T = TypeVar("T")


class Reader(Generic[T]):
    """A lost device is not opened again: its recording ends there."""

    def __init__(self, source: Source[T], buffer: DoubleBuffer[T], clock: Clock) -> None:
        self.source = source
        self.buffer = buffer
        self.error: EdgeError | None = None
        """Why there will be no more; None at a file's end too."""
        self.over = threading.Event()
        self._clock = clock
        self._stopping = threading.Event()
        self._dropped_before = 0
        self._thread = threading.Thread(target=self._run, name=f"record {source.name}", daemon=True)

    @property
    def decided(self) -> bool:
        """Whether it has delivered something, or never will."""
        return self.buffer.received > 0 or self.over.is_set()

    @property
    def dropped(self) -> int:
        """Samples lost since `count_from_here`: by the source, which nobody read in time, and by the full buffer."""
        return self._all_dropped() - self._dropped_before

    def start(self) -> None:
        """Begin to open and read."""
        self._thread.start()

    def count_from_here(self) -> None:
        """What was lost while others still opened does not count."""
        self._dropped_before = self._all_dropped()

    def stop(self) -> None:
        """Ask the thread to release the device."""
        self._stopping.set()

    def join(self) -> None:
        """Wait for the device's release; one that hangs in its driver is left behind."""
        self._thread.join(JOIN_S)

    @property
    def hangs(self) -> bool:
        """Whether the device still holds the thread."""
        return self._thread.is_alive()

    def _all_dropped(self) -> int:
        return self.buffer.dropped + self.source.overflows + getattr(self.source, "skipped", 0)

    def _run(self) -> None:
        try:
            self.source.open()
            self._read()
        except EndOfStream:
            pass
        except EdgeError as error:
            self.error = error
        except Exception as error:  # a driver's surprise ends this recording, with its name
            self.error = DeviceError(f"{self.source.name} failed ({type(error).__name__}: {error}).")
        finally:
            self.over.set()
            self.source.close()

    def _read(self) -> None:
        last_ns = self._clock.now_ns()
        while not self._stopping.is_set():
            item = self.source.read(READ_TIMEOUT_S)
            now_ns = self._clock.now_ns()
            if item is not None:
                last_ns = now_ns
                self.buffer.put(item)
            elif self.source.live and now_ns - last_ns > SILENT_LIMIT_S * NS_PER_S:
                raise DeviceError(f"{self.source.name} delivered nothing for {SILENT_LIMIT_S:.0f} s.")
