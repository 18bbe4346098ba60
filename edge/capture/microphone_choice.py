"""The one device that `--mic` means, which stays the same when cards are numbered anew."""

from __future__ import annotations

from edge.capture.devices import DeviceInfo
from edge.capture.microphones import absent_microphone, find_microphone
from edge.capture.spec import Spec
from edge.clock import NS_PER_S, Clock

FAITHFUL_NS = 10 * NS_PER_S


class MicrophoneChoice:
    """Bound at its first finding to that device's stable name, wherever PortAudio or ALSA number it later.

    Another one that fits the words of the user as well is taken only when ours has not been there for 10 s.
    """

    def __init__(self, spec: Spec, clock: Clock) -> None:
        self._spec = spec
        self._clock = clock
        self._name: str | None = None
        self._missing_since_ns: int | None = None

    def find(self, present: list[DeviceInfo]) -> DeviceInfo:
        """Ours among `present`. Raises DeviceError when it is not there, UsageError when several fit."""
        now_ns = self._clock.now_ns()
        for device in present:
            if device.name == self._name:
                self._missing_since_ns = None
                return device
        if self._missing_since_ns is None:
            self._missing_since_ns = now_ns
        if self._name is not None and now_ns - self._missing_since_ns < FAITHFUL_NS:
            raise absent_microphone(self._name, present)
        device = find_microphone(self._spec, present)
        self._name, self._missing_since_ns = device.name, None
        return device
