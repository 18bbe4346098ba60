"""A live microphone through PortAudio's callback, as 16 kHz mono chunks."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.capture import portaudio
from edge.capture.inbox import Inbox
from edge.capture.microphones import find_microphone
from edge.capture.resample import Resampler, mono
from edge.capture.spec import Spec
from edge.capture.timeline import Timeline
from edge.clock import NS_PER_S, Clock, MonotonicClock
from edge.errors import DeviceError, EdgeError
from edge.samples import RATE_HZ, Chunk

_OPEN_LIMIT_S = 8.0
_CLOSE_LIMIT_S = 2.0
_WATCH_S = 0.1
_STALL_LIMIT_NS = 3 * NS_PER_S
_MOST_AGE_S = 10.0
_INBOX = 100
"""Two seconds of 20 ms chunks."""


@dataclass(frozen=True)
class Recorded:
    """What one callback brought: interleaved int16, the moment of its first sample, and when it came."""

    pcm: bytes
    t_ns: int
    arrived_ns: int


def first_sample_ns(arrived_ns: int, time_info: Mapping[str, float], length_ns: int) -> int:
    """When the first sample of a callback, of sound `length_ns` long, was recorded.

    PortAudio may count in CLOCK_REALTIME (under PulseAudio it does), so only the difference of its two stamps is
    used. Without sane ones the sound is taken to have ended just now; later than that it cannot have.
    """
    age_s = time_info["current_time"] - time_info["input_buffer_adc_time"]
    if time_info["input_buffer_adc_time"] <= 0 or not 0 <= age_s <= _MOST_AGE_S:
        return arrived_ns - length_ns
    return arrived_ns - max(length_ns, round(age_s * NS_PER_S))


class Microphone:
    """An AudioSource on a live device; `name` is the device's stable one from the first `open` on.

    PortAudio is started on `open`, so that it sees what was plugged in since.
    """

    live = True

    def __init__(self, spec: Spec, *, chunk_ms: int = 20, clock: Clock | None = None) -> None:
        self.name = spec.label
        self._spec = spec
        self._chunk_ms = chunk_ms
        self._clock = clock or MonotonicClock()
        self._line: _Line | None = None
        self._converter: _Converter | None = None

    @property
    def overflows(self) -> int:
        """Chunks lost since `open`: the driver's overflows, and those nobody read in time."""
        return self._line.overflows if self._line else 0

    def open(self) -> None:
        """Start recording. Raises DeviceError (absent, busy), or UsageError when the name fits several."""
        self.close()
        line = _Line(self._spec, self._chunk_ms, self._clock)
        line.start()
        self._line, self._converter = line, _Converter(line.rate_hz, line.channels)
        self.name = line.device_name

    def read(self, timeout_s: float) -> Chunk | None:
        """The next chunk, or None when none came in time. Raises DeviceError when the microphone is lost."""
        line, converter = self._line, self._converter
        if line is None or converter is None:
            raise DeviceError(f"Microphone {self.name!r} is not open.")
        recorded = line.inbox.take(timeout_s)
        return None if recorded is None else converter.step(recorded)

    def presence(self) -> object:
        """Nothing is known of a device that is away; the back-off decides."""
        return None

    def close(self) -> None:
        """Release the microphone and PortAudio; a read that waits ends with DeviceError."""
        line, self._line = self._line, None
        if line is not None:
            line.stop()


class _Converter:
    """From the device's rate and channels to chunks of 16 kHz mono."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._channels = channels
        self._resampler = Resampler(rate_hz)
        self._seq = 0

    def step(self, recorded: Recorded) -> Chunk | None:
        samples = mono(np.frombuffer(recorded.pcm, np.int16).reshape(-1, self._channels).T)
        # What the resampler held back from before comes out first, and is older by so much.
        held_s = self._resampler.taken / self._resampler.rate_hz - self._resampler.given / RATE_HZ
        t_ns = recorded.t_ns - round(held_s * NS_PER_S)
        converted = self._resampler.push(samples)
        if len(converted) == 0:
            return None
        chunk = Chunk(t_ns, recorded.arrived_ns, self._seq, converted)
        self._seq += 1
        return chunk


class _Line:
    """The thread that owns one PortAudio stream from opening to closing: both can hang with the sound server."""

    def __init__(self, spec: Spec, chunk_ms: int, clock: Clock) -> None:
        self.inbox: Inbox[Recorded] = Inbox(_INBOX)
        self.rate_hz = RATE_HZ
        self.channels = 1
        self.device_name = spec.label
        self._timeline = Timeline(RATE_HZ)
        self._spec = spec
        self._chunk_ms = chunk_ms
        self._clock = clock
        self._driver_overflows = 0
        self._last_ns = 0
        self._stopping = threading.Event()
        self._opened = threading.Event()
        self._error: EdgeError | None = None
        self._thread = threading.Thread(target=self._run, name=f"microphone {spec.label}", daemon=True)

    @property
    def overflows(self) -> int:
        return self._driver_overflows + self.inbox.overflows

    def start(self) -> None:
        """Open the device, or raise why not."""
        self._thread.start()
        if not self._opened.wait(_OPEN_LIMIT_S):
            self._stopping.set()
            raise DeviceError(f"Microphone {self._spec.label!r} did not open within {_OPEN_LIMIT_S:.0f} s: check it.")
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Have the thread release the device; one that hangs with the sound server is left behind."""
        self._stopping.set()
        self.inbox.fail(DeviceError(f"Microphone {self._spec.label!r} has been closed."))
        self._thread.join(_CLOSE_LIMIT_S)

    def _run(self) -> None:
        audio: Any = None
        try:
            with portaudio.exclusive():
                audio = portaudio.start()
                device = find_microphone(self._spec, portaudio.inputs(audio))
                self.device_name = device.name
                stream, self.rate_hz, self.channels = portaudio.open_input(
                    audio, device, self._chunk_ms, self._callback
                )
                self._timeline = Timeline(self.rate_hz)
                self._last_ns = self._clock.now_ns()
                stream.start_stream()
            self._opened.set()
            self._watch(stream)
        except EdgeError as error:
            self._error = error
            self.inbox.fail(error)
        except Exception as error:  # PortAudio raises OSError, and its wrapper a few more
            self._error = DeviceError(f"Microphone {self._spec.label!r} failed: {error}.")
            self.inbox.fail(self._error)
        finally:
            self._opened.set()
            if audio is not None:
                with portaudio.exclusive(limit_s=-1):  # nobody waits for this thread longer than _CLOSE_LIMIT_S
                    audio.terminate()  # closes its stream first

    def _callback(self, pcm: bytes, _count: int, time_info: Mapping[str, float], status: int) -> tuple[None, int]:
        now_ns = self._last_ns = self._clock.now_ns()
        if status & portaudio.INPUT_OVERFLOW:
            self._driver_overflows += 1
        samples = len(pcm) // (2 * self.channels)
        measured_ns = first_sample_ns(now_ns, time_info, samples * NS_PER_S // self.rate_hz)
        # Dated here and not by the reader: sound that nobody reads must not look like sound that was lost.
        self.inbox.put(Recorded(pcm, self._timeline.step(measured_ns, samples), now_ns))
        return None, portaudio.CONTINUE

    def _watch(self, stream: Any) -> None:
        """A lost microphone raises nothing: its stream turns inactive, or falls silent for good."""
        while not self._stopping.wait(_WATCH_S):
            silent_ns = self._clock.now_ns() - self._last_ns
            if not _is_active(stream) or silent_ns > _STALL_LIMIT_NS:
                raise DeviceError(
                    f"Microphone {self._spec.label!r} has been lost: check its cable or the sound server."
                )


def _is_active(stream: Any) -> bool:
    try:
        return bool(stream.is_active())
    except OSError:
        return False
