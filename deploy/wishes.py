"""What the command line asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wishes:
    """`source`: a checkout, wheel or sdist; `wheels`: a folder instead of pip's index; None: nothing was said.

    Camera, microphone, broker and device id are for a config that does not exist yet.
    """

    source: Path | None = None
    wheels: Path | None = None
    camera: str | None = None
    mic: str | None = None
    broker: str | None = None
    device_id: str | None = None
    mqtt_password_file: Path | None = None
    install_broker: bool = True
    brought: str | None = None
    """A package that was installed to run this at all, which a removal cannot take away under itself."""
    web: bool = False
    start: bool = True
    purge: bool = False
    keep_packages: bool = False
