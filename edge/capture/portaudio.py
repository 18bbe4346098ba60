"""PortAudio, started quietly, without leaks, and used by one thread at a time. The only importer of pyaudio."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from edge.capture.devices import DeviceInfo
from edge.capture.turns import Turns
from edge.errors import BusyError, DeviceError
from edge.samples import RATE_HZ

CONTINUE = 0
"""paContinue: what a callback answers to go on."""
INPUT_OVERFLOW = 2
"""paInputOverflow: PortAudio lost sound before this callback."""

TURNS = Turns("The sound system does not answer: restart PulseAudio or PipeWire, or unplug the microphone.")
"""PortAudio's starting, opening and closing are not thread-safe, and each of them hangs with a server that does."""

_HARDWARE = re.compile(r"\(hw:(\d+),(\d+)\)")
_PLUGIN = re.compile(r"/\S+/libasound_module_\S+\.so$", re.MULTILINE)
_kept: set[str] = set()


def start() -> Any:
    """A new PyAudio, which looks for devices afresh; `terminate()` it. Raises DeviceError. Call in a turn."""
    try:
        import pyaudio
    except ImportError:
        raise DeviceError("Python package pyaudio is not installed: pip install pyaudio, or use --mic none.") from None
    _silence()
    _check_alsa()
    try:
        audio = pyaudio.PyAudio()
    except OSError as error:
        raise DeviceError(f"PortAudio does not start ({error.args[0]}): check the sound system.") from None
    _keep_plugins()
    return audio


def inputs(audio: Any) -> list[DeviceInfo]:
    """Everything that can record, by PortAudio's index."""
    default = _default_index(audio)
    found = []
    for index in range(audio.get_device_count()):
        try:
            info = audio.get_device_info_by_index(index)
        except (OSError, UnicodeDecodeError):
            continue  # unplugged while we look, or a name that is no text
        if info["maxInputChannels"] > 0:
            found.append(
                DeviceInfo(
                    index,
                    stable_name(info["name"]),
                    info["name"],
                    rate_hz=int(info["defaultSampleRate"]),
                    channels=int(info["maxInputChannels"]),
                    default=index == default,
                )
            )
    return found


def open_input(
    audio: Any, device: DeviceInfo, chunk_ms: int, callback: Callable[..., tuple[None, int]]
) -> tuple[Any, int, int]:
    """An int16 stream, not yet started, its rate and its channels: 16 kHz mono if the device can, or its own.

    Raises BusyError.
    """
    import pyaudio

    reason = "it takes no format that can be used"
    for rate_hz, channels in _formats(device):
        try:
            audio.is_format_supported(
                rate_hz, input_device=device.index, input_channels=channels, input_format=pyaudio.paInt16
            )
            stream = audio.open(
                rate=rate_hz,
                channels=channels,
                format=pyaudio.paInt16,
                input=True,
                input_device_index=device.index,
                frames_per_buffer=rate_hz * chunk_ms // 1000,
                stream_callback=callback,
                start=False,
            )
        except (OSError, ValueError) as error:
            reason = str(error.args[-1] if error.args else error)
            continue
        return stream, rate_hz, channels
    raise BusyError(f"Microphone {device.label!r} cannot be opened ({reason}): another program may be using it.")


def stable_name(name: str, asound: Path = Path("/proc/asound")) -> str:
    """`plughw:CARD=…,DEV=…` for a card, whose number moves but whose id does not; other names stay."""
    hardware = _HARDWARE.search(name)
    if hardware is None:
        return name
    try:
        card = (asound / f"card{hardware.group(1)}" / "id").read_text().strip()
    except OSError:
        return name
    return f"plughw:CARD={card},DEV={hardware.group(2)}"


def _formats(device: DeviceInfo) -> list[tuple[int, int]]:
    own, most = device.rate_hz or 48_000, device.channels or 1
    wanted = [(RATE_HZ, 1), (own, 1), (own, min(2, most)), (48_000, min(2, most)), (own, most)]
    return list(dict.fromkeys(wanted))


def _default_index(audio: Any) -> int | None:
    try:
        return int(audio.get_default_input_device_info()["index"])
    except OSError:
        return None


def _check_alsa() -> None:
    """PortAudio aborts the whole process (an assert) where ALSA knows no device names at all: ask ALSA first."""
    try:
        alsa = ctypes.CDLL("libasound.so.2")
        updated = alsa.snd_config_update()
        top, found = ctypes.c_void_p.in_dll(alsa, "snd_config"), ctypes.c_void_p()
        search = alsa.snd_config_search
    except (OSError, ValueError, AttributeError):
        return  # a PortAudio without ALSA
    search.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    if updated < 0 or not top.value or search(top, b"pcm", ctypes.byref(found)) < 0:
        raise DeviceError("ALSA has no valid configuration: install libasound2-data, or mend ALSA_CONFIG_PATH.")


def _keep_plugins() -> None:
    """Have ALSA's plugins stay loaded: PortAudio's end unloads them, and each loading loses 12 KB for good.

    It is what FFmpeg's and others' libraries, which the plugins bring along, allocate as they are loaded.
    """
    with suppress(OSError):
        for path in set(_PLUGIN.findall(Path("/proc/self/maps").read_text(encoding="utf-8"))) - _kept:
            _kept.add(path)
            ctypes.CDLL(path, mode=os.RTLD_NODELETE | os.RTLD_NOW)


@cache
def _silence() -> None:
    """PortAudio, ALSA and JACK print what they try in vain, and how they fail when a sound server dies.

    C's `stderr` becomes a stream that is open for reading only: what C libraries print to it is refused. Its descriptor
    is 2 as before, and stays open for all who write to that, as Python and the handlers of crashes do.
    """
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    c = ctypes.CDLL(None)
    c.fdopen.restype = ctypes.c_void_p
    try:
        stream = ctypes.c_void_p.in_dll(c, "stderr")
        saved = os.dup(2)
    except (ValueError, OSError):
        return  # another C library than glibc, or no standard error at all
    readable = os.open(os.devnull, os.O_RDWR)
    try:
        os.dup2(readable, 2)  # for a moment: no stream for reading can be made of a descriptor for writing
        stream.value = c.fdopen(2, b"r") or stream.value
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(readable)
