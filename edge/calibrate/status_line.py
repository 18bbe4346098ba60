"""What standard error shows while claps are waited for: what to do, and on a terminal how it goes."""

from __future__ import annotations

from dataclasses import dataclass

from edge.publish.screen.repaint import RepaintedLine


@dataclass(frozen=True)
class Progress:
    """Claps so far, out of those wanted, and the seconds that are left for them."""

    heard: int
    seen: int
    agreeing: int
    wanted: int
    left_s: float


class StatusLine(RepaintedLine):
    """The live line, for claps."""

    def waiting(self, progress: Progress) -> None:
        """How it stands."""
        self.paint(waiting_line(progress))


def waiting_line(progress: Progress) -> str:
    """Claps heard, seen and agreeing, and the time that is left."""
    full = min(progress.agreeing, progress.wanted)
    return (
        f"claps {'●' * full}{'○' * (progress.wanted - full)}   heard {progress.heard}   seen {progress.seen}   "
        f"{max(0.0, progress.left_s):3.0f} s left"
    )
