"""What a feed needs of others: a source that it keeps open, and a guard that looks at time stamps."""

from __future__ import annotations

from typing import Protocol, TypeVar

T = TypeVar("T")
Item_co = TypeVar("Item_co", covariant=True)


class Source(Protocol[Item_co]):
    """What a feed needs of a camera or microphone."""

    name: str
    live: bool

    def open(self) -> None:
        """Raises EdgeError with the reason when it cannot be had now."""
        ...

    def read(self, timeout_s: float) -> Item_co | None:
        """The next sample; None when none comes in time."""
        ...

    def close(self) -> None:
        """Release the device."""
        ...

    @property
    def overflows(self) -> int:
        """What a live device delivered so far and nobody read in time."""
        ...

    def presence(self) -> object:
        """Cheap, never blocks: becomes another when a device that was lost may have come back."""
        ...


class Guard(Protocol[T]):
    """What a feed needs of whoever looks at the time stamps."""

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
