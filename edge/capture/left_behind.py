"""Keeps count of the threads that hang in a driver: they cannot be ended, and must not become many."""

from __future__ import annotations

from typing import Protocol

MOST = 3


class Holder(Protocol):
    """A thread that may still hold a device."""

    @property
    def running(self) -> bool:
        """Whether it does."""
        ...


class LeftBehind:
    """A device is opened beside a thread that hangs only when the devices have changed since that one opened it.

    A replugged camera is another one for its driver; to ask the same one again would leave a thread at every attempt.
    """

    def __init__(self) -> None:
        self._left: list[tuple[Holder, object]] = []

    def add(self, holder: Holder, presence: object) -> None:
        """One that should have ended; `presence` is what there was when it opened its device."""
        if holder.running:
            self._left.append((holder, presence))

    def allow(self, presence: object) -> bool:
        """Whether a device may be opened now."""
        self._left = [(holder, seen) for holder, seen in self._left if holder.running]
        return len(self._left) < MOST and all(seen != presence for _, seen in self._left)
