"""What a camera, a microphone and a broker can be called: the grammar alone, no device or network is touched.

A fault is the end of a sentence, "names port 0: write …", or None.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from edge.config.secrets import masked

CAMERA_FORMS = "an index, a /dev/ path or by-id name, csi:N, rtsp://…, http://…, a video file, or none"
MIC_FORMS = "default, an index, a name or part of one, a sound or video file, or none"
BROKER_FORMS = (
    "mqtt://[user@]host[:1883], mqtts://…[:8883], ws://…[:80][/path], wss://…[:443], unix:///path, embedded or none"
)
_NO_BROKER = f"is not the address of a broker: write {BROKER_FORMS}"

CSI = re.compile(r"csi:(.*)", re.IGNORECASE | re.DOTALL)
URL = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_CAMERA_SCHEMES = ("http", "https", "rtsp", "rtsps")
_WEBSOCKETS = ("ws", "wss")
_BROKER_SCHEMES = ("mqtt", "mqtts", *_WEBSOCKETS)
_WEBSOCKET_PATH = re.compile(r"[A-Za-z0-9_.~/%-]{0,255}")
_LONGEST_USERNAME = 65_535  # a string of MQTT has two bytes for its length
_LONGEST_UNIX_PATH = 107
_HOST = re.compile(r"[A-Za-z0-9_.:%-]{1,253}")


def camera_fault(text: str) -> str | None:
    """Why `text` can be no camera."""
    spec = text.strip()
    csi = CSI.match(spec)
    if csi:
        number = re.fullmatch(r"[0-9]{1,2}", csi[1])
        return None if number else "names no CSI sensor: write csi:0 for the first one"
    if not spec or spec.startswith("-"):
        return f"is not a camera: give {CAMERA_FORMS}"
    url = URL.match(spec)
    # Like rtsp:/me:password@host, which is neither an address nor a file.
    broken = url is None and masked(spec) != spec and not exists(spec)
    if broken or (url and (url[1].lower() not in _CAMERA_SCHEMES or not _host(spec))):
        return f"is no address of a camera: give {CAMERA_FORMS}"
    return None


def microphone_fault(text: str) -> str | None:
    """Why `text` can be no microphone."""
    spec = text.strip()
    if not spec or spec.startswith("-") or URL.match(spec):
        return f"is not a microphone: give {MIC_FORMS}"
    return None


def broker_fault(text: str) -> str | None:
    """Why `text` can be no broker."""
    if text in {"embedded", "none"}:
        return None
    try:
        url = urlsplit(text)
    except ValueError:
        return _NO_BROKER
    if url.password is not None:
        return "holds a password, which others can read: put it into a file that mqtt.password_file names"
    if url.query or url.fragment or not text.isprintable() or " " in text:
        return _NO_BROKER
    return _unix_fault(url) if url.scheme == "unix" else _remote_fault(url)


def _remote_fault(url: SplitResult) -> str | None:
    path_fits = _WEBSOCKET_PATH.fullmatch(url.path) if url.scheme in _WEBSOCKETS else not url.path.strip("/")
    if url.scheme not in _BROKER_SCHEMES or not path_fits:
        return _NO_BROKER
    if url.netloc.rpartition("@")[2].count(":") > 1 and "[" not in url.netloc:
        return f"names an IPv6 address without brackets: write it like {url.scheme}://[::1]"
    if not _is_host(url.hostname or ""):
        return _NO_BROKER
    try:
        fits = url.port != 0
    except ValueError:
        fits = False
    return None if fits else "names no port that can be: write one from 1 to 65535"


def _unix_fault(url: SplitResult) -> str | None:
    path = unquote(url.path)
    if url.netloc.rpartition("@")[2] or not path.strip("/") or not path.isprintable():
        return "is not the address of a unix socket: write unix:///run/mosquitto/mosquitto.sock"
    if len(path.encode()) > _LONGEST_UNIX_PATH:
        return f"names a unix socket by more than {_LONGEST_UNIX_PATH} bytes: write a shorter path"
    return None


def username_fault(name: str) -> str | None:
    """What is wrong with a name for the broker; MQTT has no more bytes, and brokers hang up on control characters."""
    fits = name.isprintable() and len(name.encode()) <= _LONGEST_USERNAME
    return None if fits else f"must be at most {_LONGEST_USERNAME} bytes without control characters"


def exists(spec: str) -> bool:
    """Whether there is such a file or folder."""
    try:
        return Path(spec).exists()
    except (OSError, ValueError):  # too long for a path, or a null byte in it
        return False


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _is_host(host: str) -> bool:
    """A label that is empty or over 63 letters would raise deep inside the network thread."""
    labels = [""] if host.endswith("..") else host.rstrip(".").split(".")
    sane = ":" in host or all(0 < len(label) <= 63 for label in labels)
    return sane and _HOST.fullmatch(host) is not None
