"""What `--camera` and `--mic` can say, taken apart without touching any device."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from edge.config.forms import CSI, URL, camera_fault, exists, microphone_fault
from edge.config.secrets import masked
from edge.errors import UsageError

SpecKind = Literal["none", "default", "index", "device", "name", "csi", "url", "file"]

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
    fault = camera_fault(text)
    if fault:
        raise UsageError(f"Camera {masked(text)!r} {fault}.")
    spec = text.strip()
    if spec.lower() == "none":
        return Spec("none")
    if re.fullmatch(r"[0-9]{1,3}", spec):
        return Spec("index", str(int(spec)))
    csi = CSI.match(spec)
    if csi:
        return Spec("csi", str(int(csi[1])))
    if URL.match(spec):
        return Spec("url", spec)
    if spec.startswith("/dev/"):
        return Spec("device", spec)
    return Spec("file" if _is_file_like(spec) else "name", spec)


def parse_microphone(text: str) -> Spec:
    """The microphone that `text` means. Raises UsageError for what no microphone can be."""
    fault = microphone_fault(text)
    if fault:
        raise UsageError(f"Microphone {masked(text)!r} {fault}.")
    spec = text.strip()
    if spec.lower() == "none":
        return Spec("none")
    if spec.lower() == "default":
        return Spec("default", "default")
    if re.fullmatch(r"[0-9]{1,4}", spec):
        return Spec("index", str(int(spec)))
    if not exists(spec) and (_ALSA_NAME.match(spec) or masked(spec) != spec):
        return Spec("name", spec)
    return Spec("file" if _is_file_like(spec) else "name", spec)


def _is_file_like(spec: str) -> bool:
    """A path that exists, has a folder, or ends like a media file; anything else is a device's name."""
    return "/" in spec or exists(spec) or _FILE_SUFFIX.search(spec) is not None
