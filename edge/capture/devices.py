"""What is told of one camera or microphone of this machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DeviceInfo:
    """One device. `name` is stable and is what `--camera` or `--mic` takes; `label` is for people."""

    index: int
    name: str
    label: str
    path: str | None = None
    rate_hz: int | None = None
    channels: int | None = None
    default: bool = False
