"""One colour per emotion, the same on the terminal, in the overlay and in the README."""

from __future__ import annotations

RGB = {
    "neutral": (148, 163, 184),
    "happy": (250, 204, 21),
    "sad": (96, 165, 250),
    "angry": (248, 93, 93),
    "fearful": (192, 132, 252),
    "disgust": (74, 222, 128),
    "surprised": (34, 211, 238),
}
UNKNOWN = (120, 130, 145)


def rgb(emotion: str | None) -> tuple[int, int, int]:
    """Red, green, blue of an emotion, or the grey of not knowing."""
    return RGB.get(emotion or "", UNKNOWN)
