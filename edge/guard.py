"""What a feed needs of whoever looks at its time stamps."""

from __future__ import annotations

from typing import Protocol, TypeVar

T = TypeVar("T")


class Guard(Protocol[T]):
    """Passes on the samples whose stamps can be believed."""

    restarted: bool
    by_arrival: str | None

    @property
    def fault(self) -> str | None:
        """What is wrong with the stream's time, in words that follow its name."""
        ...

    def step(self, item: T, /) -> T | None:
        """The sample with a believable stamp, None when it must be left out."""
        ...

    def reopened(self) -> None:
        """The device was opened again."""
        ...
