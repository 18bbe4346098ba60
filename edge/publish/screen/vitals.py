"""What a person in front of the screen wants to know about the run, beside the result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vitals:
    """`fps` of the camera; `level_db` of the sound in dBFS; `video` and `audio` as in `…/status/<x>`.

    `broker`: the word for the connection to it, `connected` when all is well; None where there is no broker.
    """

    fps: float | None = None
    level_db: float | None = None
    video: str | None = None
    audio: str | None = None
    enabled: bool = True
    broker: str | None = None

    @property
    def broker_away(self) -> bool:
        """Whether results do not reach the broker; not said while the first try is under way."""
        return self.broker not in {None, "connecting", "connected"}
