"""Keeps the log readable under a fault that lasts: the same words are not said twice, others once a minute."""

from __future__ import annotations

from edge.clock import NS_PER_S

EVERY_NS = 60 * NS_PER_S


class LogLimit:
    """One for each subject. `allows` answers whether a line about it may be said now."""

    def __init__(self) -> None:
        self._words: str | None = None
        self._said_ns: int | None = None

    def allows(self, words: str, now_ns: int) -> bool:
        """False for what was said last, and within a minute of it for other words too."""
        if words == self._words or (self._said_ns is not None and now_ns - self._said_ns < EVERY_NS):
            return False
        self.said(words, now_ns)
        return True

    def said(self, words: str, now_ns: int) -> None:
        """This was said without asking: the subject has a new state."""
        self._words, self._said_ns = words, now_ns
