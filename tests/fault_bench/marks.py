"""What a result has to look like while a device is away."""

from __future__ import annotations

from typing import Any

NEARLY_ALL = 0.9
Result = dict[str, Any]


def no_face(result: Result) -> bool:
    """Nobody is seen."""
    return not result["faces"]


def no_voice(result: Result) -> bool:
    """Nobody is heard."""
    return not result["voice"]["present"]


def face(result: Result) -> bool:
    """Somebody is seen."""
    return not no_face(result)


def voice(result: Result) -> bool:
    """Somebody is heard."""
    return not no_voice(result)


def no_picture(result: Result) -> bool:
    """Nobody is seen, and the whole window's pictures are told to be missing."""
    return no_face(result) and result["sync"]["interpolated"]["video"] >= NEARLY_ALL


def no_sound(result: Result) -> bool:
    """Nobody is heard, and the whole window's sound is told to be missing."""
    return no_voice(result) and result["sync"]["interpolated"]["audio"] >= NEARLY_ALL
