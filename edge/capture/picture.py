"""How large a picture may be once it is inside: a 4k camera or an 8k file must not fill the memory."""

from __future__ import annotations

MAX_SIDE_PX = 1280


def fit_size(width: int, height: int, limit: int = MAX_SIDE_PX) -> tuple[int, int]:
    """`width`, `height` scaled down, in proportion, so that the longer side is at most `limit`; never up."""
    longest = max(width, height)
    if longest <= limit:
        return width, height
    return max(1, round(width * limit / longest)), max(1, round(height * limit / longest))
