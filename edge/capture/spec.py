"""What `--camera` and `--mic` can say, taken apart without touching any device."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from edge.config.secrets import masked
from edge.errors import UsageError

SpecKind = Literal["none", "default", "index", "device", "name", "csi", "url", "file"]

CAMERA_FORMS = "an index, a /dev/ path or by-id name, csi:N, rtsp://…, http://…, a video file, or none"
MIC_FORMS = "default, an index, a name or part of one, a sound or video file, or none"

_URL = re.compile(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_URL_SCHEMES = ("http", "https", "rtsp", "rtsps")
_FILE_SUFFIX = re.compile(r"\.(?=[a-z0-9]*[a-z])[a-z0-9]{2,5}$", re.IGNORECASE)
_ALSA_NAME = re.compile(r"^[a-z]+:", re.IGNORECASE)


@dataclass(frozen=True)
class Spec:
    """One source as the user named it. `value` is the index, path, name, sensor number or address."""

    kind: SpecKind
    value: str = ""

    @property
    def label(self) -> str:
        """The value for logs and messages: passwords in addresses are masked."""
        return masked(self.value) if self.kind in ("url", "name") else self.value


def parse_camera(text: str) -> Spec:
    """The camera that `text` means. Raises UsageError for what no camera can be."""
    spec = text.strip()
    if spec.lower() == "none":
        return Spec("none")
    if re.fullmatch(r"[0-9]{1,3}", spec):
        return Spec("index", str(int(spec)))
    if spec.lower().startswith("csi:"):
        return _parse_csi(spec)
    scheme = _URL.match(spec)
    if scheme:
        return _parse_url(spec, scheme.group(1).lower())
    if spec.startswith("/dev/"):
        return Spec("device", spec)
    if not spec or spec.startswith("-"):
        raise UsageError(f"Camera {text!r} is not a camera: give {CAMERA_FORMS}.")
    if masked(spec) != spec and not _exists(spec):
        raise _no_address(spec)  # like rtsp:/me:password@host
    return Spec("file" if _is_file_like(spec) else "name", spec)


def parse_microphone(text: str) -> Spec:
    """The microphone that `text` means. Raises UsageError for what no microphone can be."""
    spec = text.strip()
    if spec.lower() == "none":
        return Spec("none")
    if spec.lower() == "default":
        return Spec("default", "default")
    if re.fullmatch(r"[0-9]{1,4}", spec):
        return Spec("index", str(int(spec)))
    if not spec or spec.startswith("-") or _URL.match(spec):
        raise UsageError(f"Microphone {masked(text)!r} is not a microphone: give {MIC_FORMS}.")
    if not _exists(spec) and (_ALSA_NAME.match(spec) or masked(spec) != spec):
        return Spec("name", spec)
    return Spec("file" if _is_file_like(spec) else "name", spec)


def _parse_csi(spec: str) -> Spec:
    number = spec[len("csi:") :]
    if not re.fullmatch(r"[0-9]{1,2}", number):
        raise UsageError(f"Camera {spec!r} names no CSI sensor: write csi:0 for the first one.")
    return Spec("csi", str(int(number)))


def _parse_url(spec: str, scheme: str) -> Spec:
    try:
        host = urlsplit(spec).hostname
    except ValueError:
        host = None
    if scheme not in _URL_SCHEMES or not host:
        raise _no_address(spec)
    return Spec("url", spec)


def _no_address(spec: str) -> UsageError:
    return UsageError(f"Camera {masked(spec)!r} is no address of a camera: give {CAMERA_FORMS}.")


def _is_file_like(spec: str) -> bool:
    """A path that exists, has a folder, or ends like a media file; anything else is a device's name."""
    return "/" in spec or _exists(spec) or _FILE_SUFFIX.search(spec) is not None


def _exists(spec: str) -> bool:
    try:
        return Path(spec).exists()
    except (OSError, ValueError):  # too long for a path, or a null byte in it
        return False
