"""What a result can be handed to."""

from __future__ import annotations

from typing import Protocol

from edge.publish.payload import Message
from edge.samples import Image, Result

__all__ = ["Message", "Sink"]


class Sink(Protocol):
    """A place where results go. No method blocks for long, and none but `start` raises."""

    def start(self) -> None:
        """Open whatever is needed; raises EdgeError when this machine cannot show it at all."""
        ...

    def result(self, message: Message, result: Result, frame: Image | None) -> None:
        """Take one window: the payload, the records behind it, and the newest picture when there is one."""
        ...

    def stop(self) -> None:
        """Hand on what is still waiting and close; a second call does nothing."""
        ...
