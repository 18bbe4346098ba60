"""What counts only when it lasts."""

from __future__ import annotations


class Lasting:
    """Whether something has been so for long enough, and not yet been otherwise for long enough."""

    def __init__(self, begins_ns: int, ends_ns: int) -> None:
        self.begins_ns = begins_ns
        self._ends_ns = ends_ns
        self._so = False
        self._otherwise_ns: int | None = None

    def step(self, so: bool, now_ns: int) -> bool:
        """The verdict as of now, `so` being what is seen now."""
        if so == self._so:
            self._otherwise_ns = None
            return so
        if self._otherwise_ns is None:
            self._otherwise_ns = now_ns
        if now_ns - self._otherwise_ns >= (self._ends_ns if self._so else self.begins_ns):
            self._so, self._otherwise_ns = so, None
        return self._so
