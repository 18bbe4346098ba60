"""Which microphones this machine has, under names that survive a reboot and another USB socket."""

from __future__ import annotations

import contextlib
import re
import threading

from edge.capture.devices import DeviceInfo
from edge.capture.spec import Spec
from edge.errors import DeviceError, EdgeError, UsageError

_LOOK_LIMIT_S = 8.0
_TURN_LIMIT_S = 4.0
_ALSA_CARD = re.compile(r"(?:plug)?hw:(?:CARD=)?(\w+)(?:,(?:DEV=)?(\d+))?", re.IGNORECASE)
_PORTAUDIO_CARD = re.compile(r"\(hw:(\d+),(\d+)\)")


def list_microphones() -> list[DeviceInfo]:
    """All of PortAudio's inputs, by index; empty when there is none or the sound system does not answer in time."""
    from edge.capture import portaudio

    found: list[DeviceInfo] = []

    def look() -> None:
        with contextlib.suppress(EdgeError), portaudio.TURNS.one(_TURN_LIMIT_S):
            audio = portaudio.start()
            try:
                found.extend(portaudio.inputs(audio))
            finally:
                audio.terminate()

    thread = threading.Thread(target=look, name="microphones", daemon=True)
    thread.start()
    thread.join(_LOOK_LIMIT_S)
    return list(found)


def find_microphone(spec: Spec, present: list[DeviceInfo]) -> DeviceInfo:
    """The one of `present` that `spec` means. Raises DeviceError when it is not there, UsageError when several fit."""
    if spec.kind == "default":
        fitting = [device for device in present if device.default] or present[:1]
    elif spec.kind == "index":
        fitting = [device for device in present if device.index == int(spec.value)]
    else:
        fitting = _fitting(spec.value, present)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(repr(device.name) for device in fitting)
        raise UsageError(f"Microphone {spec.label!r} fits several: give more of the name of one of {names}.")
    raise absent_microphone(spec.label, present)


def absent_microphone(name: str, present: list[DeviceInfo]) -> DeviceError:
    """What to tell when a microphone is not among those `present`."""
    names = ", ".join(repr(device.name) for device in present) or "none"
    return DeviceError(
        f"Microphone {name!r} is not there (microphones present: {names}): "
        "plug it in, or name another one, a sound file, or none."
    )


def _fitting(name: str, present: list[DeviceInfo]) -> list[DeviceInfo]:
    """The whole name before parts of it; `hw:CARD=X`, `plughw:X,0` and the like are one and the same."""
    wanted = _alsa_card(name) or name.lower()
    exact = [device for device in present if wanted in _spellings(device)]
    return exact or [device for device in present if name.lower() in f"{device.name} {device.label}".lower()]


def _spellings(device: DeviceInfo) -> set[str | None]:
    return {device.name.lower(), device.label.lower(), _alsa_card(device.name), _alsa_card(device.label)}


def _alsa_card(name: str) -> str | None:
    card = _ALSA_CARD.fullmatch(name) or _PORTAUDIO_CARD.search(name)
    return f"{card.group(1)},{card.group(2) or 0}".lower() if card else None
