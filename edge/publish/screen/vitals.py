"""What a person in front of the screen wants to know about the run, beside the result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vitals:
    """`fps` of the camera; `level_db` of the sound in dBFS; `video` and `audio` as in `…/status/<x>`."""

    fps: float | None = None
    level_db: float | None = None
    video: str | None = None
    audio: str | None = None
    enabled: bool = True
