"""What can be wrong with a live device whose samples do come, and who finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

Item_contra = TypeVar("Item_contra", contravariant=True)


@dataclass(frozen=True)
class Fault:
    """`words` follow the device's name, like "its picture has not changed for 2 s".

    Samples of a fault that `masks` are passed on to nobody. One that `reopens` may heal when the device is opened anew.
    """

    words: str
    masks: bool = False
    reopens: bool = False


class Watch(Protocol[Item_contra]):
    """Looks at each sample of one live device, in the order in which they come."""

    def step(self, item: Item_contra, /) -> Fault | None:
        """What is wrong with the device as of this sample; None while nothing is."""
        ...

    def reopened(self) -> None:
        """The device was opened again; what was wrong before may still be."""
        ...
