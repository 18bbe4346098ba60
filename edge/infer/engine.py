"""The contract of every inference engine."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Protocol

from numpy.typing import NDArray

from edge.errors import EdgeError

Feeds = dict[str, NDArray[Any]]


class EngineError(EdgeError):
    """An engine cannot be made, or was fed what it does not take."""


class OutsideProfileError(EngineError):
    """The feeds are good, but larger than what this engine was built for: another one can take them."""


class Engine(Protocol):
    """A network that can be entered (loaded, warmed), fed, and left.

    `__init__` is cheap; `activate` loads; `infer` checks names, types and shapes, and returns one array per output.
    """

    name: str

    def activate(self) -> None:
        """Load the network. Raises EngineError."""
        ...

    def infer(self, feeds: Feeds) -> Feeds:
        """Run once. Raises EngineError when `feeds` are not what the network takes."""
        ...

    def deactivate(self) -> None:
        """Free everything; `activate` works again afterwards."""
        ...

    def __enter__(self) -> Engine:  # noqa: PYI034  (Self is not in Python 3.10)
        """Activate."""
        self.activate()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Deactivate."""
        self.deactivate()


def check_feeds(feeds: Feeds, shapes: dict[str, tuple[int | None, ...]], dtypes: dict[str, str]) -> None:
    """Compare `feeds` with what a network takes; None in a shape is free. Raises EngineError naming the input."""
    if feeds.keys() != shapes.keys():
        raise EngineError(f"the network takes inputs {sorted(shapes)}, not {sorted(feeds)}")
    for name, value in feeds.items():
        expected = shapes[name]
        fits = value.ndim == len(expected) and all(
            want is None or want == have for want, have in zip(expected, value.shape, strict=True)
        )
        if not fits or str(value.dtype) != dtypes[name]:
            wanted = " × ".join("n" if size is None else str(size) for size in expected)
            raise EngineError(
                f"input {name} is {value.dtype} of shape {value.shape}, the network takes {dtypes[name]} of {wanted}"
            )
