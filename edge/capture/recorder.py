"""The thread that owns one PortAudio stream, so that no call of its reader can hang with the sound server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.capture import portaudio
from edge.capture.devices import DeviceInfo
from edge.capture.inbox import Inbox
from edge.capture.rate_meter import RateMeter
from edge.capture.timeline import Timeline
from edge.clock import NS_PER_MS, NS_PER_S, Clock
from edge.errors import DeviceError, EdgeError
from edge.samples import RATE_HZ

_OPEN_LIMIT_S = 8.0
_TURN_LIMIT_S = 1.0
_CLOSE_LIMIT_S = 2.0
_LOST_CLOSE_LIMIT_S = 0.1
_WATCH_S = 0.1
_STALL_LIMIT_NS = 700 * NS_PER_MS
_FIRST_LIMIT_NS = 3 * NS_PER_S
"""A Bluetooth microphone takes its time before the first sound."""
_LONGEST_LOOK_NS = 200 * NS_PER_MS
"""A watch that comes later than this was asleep with the rest of the process: no proof that the device was silent."""
_MOST_AGE_S = 10.0
_INBOX = 100
"""Two seconds of 20 ms chunks."""

Find = Callable[[list[DeviceInfo]], DeviceInfo]


@dataclass(frozen=True)
class Recorded:
    """What one callback brought: interleaved int16, the moment of its first sample, when it came, and its rate."""

    pcm: bytes
    t_ns: int
    arrived_ns: int
    rate_hz: int


def first_sample_ns(arrived_ns: int, time_info: Mapping[str, float], length_ns: int) -> int:
    """When the first sample of a callback, of sound `length_ns` long, was recorded.

    PortAudio may count in CLOCK_REALTIME (under PulseAudio it does), so only the difference of its two stamps is
    used. Without sane ones the sound is taken to have ended just now; later than that it cannot have.
    """
    age_s = time_info["current_time"] - time_info["input_buffer_adc_time"]
    if time_info["input_buffer_adc_time"] <= 0 or not 0 <= age_s <= _MOST_AGE_S:
        return arrived_ns - length_ns
    return arrived_ns - max(length_ns, round(age_s * NS_PER_S))


class Recorder:
    """One stream from opening to closing; `find` picks the device among those present, or raises why not."""

    def __init__(self, label: str, find: Find, chunk_ms: int, clock: Clock) -> None:
        self.inbox: Inbox[Recorded] = Inbox(_INBOX)
        self.channels = 1
        self.device_name = label
        self._label = label
        self._find = find
        self._chunk_ms = chunk_ms
        self._clock = clock
        self._timeline = Timeline(RATE_HZ)
        self._meter = RateMeter(RATE_HZ)
        self._driver_overflows = 0
        self._callbacks = 0
        self._stopping = threading.Event()
        self._opened = threading.Event()
        self._error: EdgeError | None = None
        self._thread = threading.Thread(target=self._run, name=f"microphone {label}", daemon=True)

    @property
    def overflows(self) -> int:
        """Chunks lost so far: the driver's overflows, and those nobody read in time."""
        return self._driver_overflows + self.inbox.overflows

    @property
    def rate_fault(self) -> str | None:
        """What is wrong with the sample rate, in words that follow the device's name."""
        return self._meter.fault

    def start(self) -> None:
        """Open the device, or raise why not."""
        self._thread.start()
        if not self._opened.wait(_OPEN_LIMIT_S):
            self._stopping.set()
            portaudio.TURNS.give_up()
            raise DeviceError(f"Microphone {self._label!r} did not open within {_OPEN_LIMIT_S:.0f} s: check it.")
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Have the thread release the device; one that hangs with the sound server is left behind."""
        lost = self._error is not None
        self._stopping.set()
        self.inbox.fail(DeviceError(f"Microphone {self._label!r} has been closed."))
        self._thread.join(_LOST_CLOSE_LIMIT_S if lost else _CLOSE_LIMIT_S)
        if self._thread.is_alive():
            portaudio.TURNS.give_up()

    def _run(self) -> None:
        audio: Any = None
        try:
            # Whoever hangs holds the turn: those who come later give up soon, so that no more than one is left behind.
            with portaudio.TURNS.one(_TURN_LIMIT_S):
                audio = portaudio.start()
                stream = self._open(audio)
            self._opened.set()
            self._watch(stream)
        except EdgeError as error:
            self._fail(error)
        except Exception as error:  # PortAudio raises OSError, and its wrapper a few more
            self._fail(DeviceError(f"Microphone {self._label!r} failed: {error}."))
        finally:
            self._opened.set()
            if audio is not None:
                with portaudio.TURNS.one(-1):  # nobody waits for this thread longer than _CLOSE_LIMIT_S
                    audio.terminate()  # closes its stream first

    def _open(self, audio: Any) -> Any:
        device = self._find(portaudio.inputs(audio))
        self.device_name = device.name
        stream, rate_hz, self.channels = portaudio.open_input(audio, device, self._chunk_ms, self._callback)
        self._timeline, self._meter = Timeline(rate_hz), RateMeter(rate_hz)
        if not self._stopping.is_set():  # whoever gave up on the opening wants nothing recorded
            stream.start_stream()
        return stream

    def _fail(self, error: EdgeError) -> None:
        self._error = error
        self.inbox.fail(error)

    def _callback(self, pcm: bytes, _count: int, time_info: Mapping[str, float], status: int) -> tuple[None, int]:
        now_ns = self._clock.now_ns()
        self._callbacks += 1
        if status & portaudio.INPUT_OVERFLOW:
            self._driver_overflows += 1
        samples = len(pcm) // (2 * self.channels)
        rate_hz = self._timeline.rate_hz = self._meter.rate_hz
        measured_ns = first_sample_ns(now_ns, time_info, samples * NS_PER_S // rate_hz)
        self._meter.step(measured_ns, samples)
        # Dated here and not by the reader: sound that nobody reads must not look like sound that was lost.
        self.inbox.put(Recorded(pcm, self._timeline.step(measured_ns, samples), now_ns, rate_hz))
        return None, portaudio.CONTINUE

    def _watch(self, stream: Any) -> None:
        """A lost microphone raises nothing: its stream turns inactive, or falls silent for good."""
        heard, silent_ns, looked_ns = 0, 0, self._clock.now_ns()
        while not self._stopping.wait(_WATCH_S):
            now_ns = self._clock.now_ns()
            silent_ns = silent_ns + min(now_ns - looked_ns, _LONGEST_LOOK_NS) if heard == self._callbacks else 0
            heard, looked_ns = self._callbacks, now_ns
            if not _is_active(stream) or silent_ns > (_STALL_LIMIT_NS if heard else _FIRST_LIMIT_NS):
                raise DeviceError(f"Microphone {self._label!r} has been lost: check its cable or the sound server.")


def _is_active(stream: Any) -> bool:
    try:
        return bool(stream.is_active())
    except OSError:
        return False
