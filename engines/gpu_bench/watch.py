"""Who is told how far the measurement is."""

from __future__ import annotations

from collections.abc import Callable

Watch = Callable[[str, int], None]
"""What is under way, and how many steps have been done since the last word."""


def silent(_words: str, _steps: int) -> None:
    """Tells nobody."""
