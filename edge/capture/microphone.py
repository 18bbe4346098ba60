"""A live microphone through PortAudio's callback, as 16 kHz mono chunks."""

from __future__ import annotations

import numpy as np

from edge.capture import portaudio
from edge.capture.microphone_choice import MicrophoneChoice
from edge.capture.recorder import Recorded, Recorder
from edge.capture.resample import Resampler, mono
from edge.capture.sound_presence import sound_presence
from edge.capture.spec import Spec
from edge.clock import NS_PER_S, Clock, MonotonicClock
from edge.errors import DeviceError
from edge.samples import RATE_HZ, Chunk


class Microphone:
    """An AudioSource on a live device; `name` is the device's stable one from the first `open` on.

    PortAudio is started on `open`, so that it sees what was plugged in since.
    """

    live = True

    def __init__(self, spec: Spec, *, chunk_ms: int = 20, clock: Clock | None = None) -> None:
        self.name = spec.label
        self._label = spec.label
        self._chunk_ms = chunk_ms
        self._clock = clock or MonotonicClock()
        self._choice = MicrophoneChoice(spec, self._clock)
        self._recorder: Recorder | None = None
        self._lost_before = 0
        self._converter = _Converter()

    @property
    def overflows(self) -> int:
        """Chunks lost so far, in all openings: the driver's overflows, and those nobody read in time."""
        recorder = self._recorder  # another thread may close it meanwhile
        return self._lost_before + (recorder.overflows if recorder else 0)

    @property
    def rate_fault(self) -> str | None:
        """What is wrong with the device's sample rate, in words that follow its name; None while nothing is."""
        return self._recorder.rate_fault if self._recorder else None

    def open(self) -> None:
        """Start recording. Raises DeviceError (absent, busy), or UsageError when the name fits several."""
        self.close()
        recorder = Recorder(self._label, self._choice.find, self._chunk_ms, self._clock)
        recorder.start()
        self._recorder, self._converter = recorder, _Converter()
        self.name = recorder.device_name

    def read(self, timeout_s: float) -> Chunk | None:
        """The next chunk, or None when none came in time. Raises DeviceError when the microphone is lost."""
        recorder = self._recorder
        if recorder is None:
            raise DeviceError(f"Microphone {self.name!r} is not open.")
        recorded = recorder.inbox.take(timeout_s)
        return None if recorded is None else self._converter.step(recorded, recorder.channels)

    def presence(self) -> object:
        """Becomes another when a card, a sound server, or the answer of one that hung has come (back)."""
        return portaudio.TURNS.answers_again, sound_presence()

    def close(self) -> None:
        """Release the microphone and PortAudio; a read that waits ends with DeviceError."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            self._lost_before += recorder.overflows
            recorder.stop()


class _Converter:
    """From the device's rate, which may turn out to be another one, and its channels to chunks of 16 kHz mono."""

    def __init__(self) -> None:
        self._resampler = Resampler(RATE_HZ)
        self._seq = 0

    def step(self, recorded: Recorded, channels: int) -> Chunk | None:
        if recorded.rate_hz != self._resampler.rate_hz:
            self._resampler = Resampler(recorded.rate_hz)
        samples = mono(np.frombuffer(recorded.pcm, np.int16).reshape(-1, channels).T)
        # What the resampler held back from before comes out first, and is older by so much.
        held_s = self._resampler.taken / self._resampler.rate_hz - self._resampler.given / RATE_HZ
        t_ns = recorded.t_ns - round(held_s * NS_PER_S)
        converted = self._resampler.push(samples)
        if len(converted) == 0:
            return None
        chunk = Chunk(t_ns, recorded.arrived_ns, self._seq, converted)
        self._seq += 1
        return chunk
