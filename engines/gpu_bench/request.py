"""What is to be measured."""

from __future__ import annotations

from dataclasses import dataclass

from edge.infer.card import PRECISIONS

ROWS = ("build", "face", "head", "tick", "parity", "transfer")
"""`face` is the face encoder, `head` the window head, `tick` both behind each other as the daemon asks for them."""
TIMED = ("face", "head", "tick")


@dataclass(frozen=True)
class Request:
    """`calls` per round, contender, row and face count; what is told is the median over `rounds`."""

    faces: tuple[int, ...] = (1, 2, 4, 8)
    precisions: tuple[str, ...] = PRECISIONS
    rows: tuple[str, ...] = ROWS
    on_gpu: bool = True
    rounds: int = 7
    calls: int = 200
    warm_up: int = 30
    moments: int | None = None
    """Parity is asked on so many made-up moments; None for those of the demo clip and all made-up ones."""
    compiles: bool = True
    """Whether torch.compile takes part."""

    @property
    def timed(self) -> tuple[str, ...]:
        """The rows in which calls are timed."""
        return tuple(row for row in TIMED if row in self.rows)

    @property
    def most_faces(self) -> int:
        """Plans are built for so many."""
        return max(self.faces)
