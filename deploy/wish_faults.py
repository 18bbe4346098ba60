"""What the new settings cannot be, told before anything is changed. The new release's own check has the last word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from deploy.wishes import Wishes
from edge.errors import UsageError

# The same rules as the settings', which cannot be imported before anything is installed.
_DEVICE_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_CSI = re.compile(r"csi:[0-9]{1,2}", re.IGNORECASE)
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_CAMERA_SCHEMES = ("http", "https", "rtsp", "rtsps")
_BROKER_SCHEMES = ("mqtt", "mqtts", "ws", "wss")
_CAMERAS = "give an index, a /dev/ path, csi:N, rtsp://…, http://…, a video file, or none"
_MICROPHONES = "give default, an index, a name or part of one, a sound or video file, or none"
_BROKERS = "give mqtt://host, mqtts://host, ws://host, wss://host, unix:///path, embedded or none"


def check_wishes(wishes: Wishes) -> None:
    """Raises UsageError that names the option; an address is not repeated, it may hold a password."""
    for fault in _faults(wishes):
        raise UsageError(fault)


def _faults(wishes: Wishes) -> Iterator[str]:
    if wishes.device_id is not None and not _DEVICE_ID.fullmatch(wishes.device_id):
        yield f"--device-id {wishes.device_id!r} cannot be: give 1 to 64 letters (a to z), digits, _ . and - only."
    if wishes.camera is not None and not _is_camera(wishes.camera.strip()):
        yield f"--camera is none that can be: {_CAMERAS}."
    if wishes.mic is not None and not _is_microphone(wishes.mic.strip()):
        yield f"--mic is none that can be: {_MICROPHONES}."
    if wishes.broker is not None:
        url = _split(wishes.broker)
        if url is not None and url.password is not None:
            yield "--broker holds a password, which others can read: give it by --mqtt-password-file."
        if not _is_broker(wishes.broker, url):
            yield f"--broker is none that can be: {_BROKERS}."


def _is_camera(text: str) -> bool:
    if text.lower().startswith("csi:"):
        return _CSI.fullmatch(text) is not None
    url = _URL.match(text)
    if url is None:
        return bool(text) and not text.startswith("-")
    parts = _split(text)
    return url[1].lower() in _CAMERA_SCHEMES and parts is not None and bool(parts.hostname)


def _is_microphone(text: str) -> bool:
    return bool(text) and not text.startswith("-") and not _URL.match(text)


def _is_broker(text: str, url: SplitResult | None) -> bool:
    if text in ("embedded", "none"):
        return True
    if url is None or url.query or url.fragment or not text.isprintable() or " " in text:
        return False
    if url.scheme == "unix":
        return not url.netloc.rpartition("@")[2] and bool(url.path.strip("/"))
    return url.scheme in _BROKER_SCHEMES and bool(url.hostname) and _port(url) != 0


def _port(url: SplitResult) -> int | None:
    try:
        return url.port
    except ValueError:
        return 0


def _split(text: str) -> SplitResult | None:
    try:
        return urlsplit(text)
    except ValueError:
        return None
