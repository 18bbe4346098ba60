"""What the user says about a recording: whose it is, what it shows, and under which licence it may be used."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from edge.errors import UsageError
from edge.samples import EMOTIONS

INTENSITIES = ("low", "normal", "strong")
_MOST_LETTERS = 200


@dataclass(frozen=True)
class Take:
    """All of it may be unknown (None). Raises UsageError for a value that training could not use."""

    emotion: str | None = None
    person: str | None = None
    intensity: str | None = None
    licence: str | None = None

    def __post_init__(self) -> None:
        _check_one_of("--label", self.emotion, EMOTIONS)
        _check_one_of("--intensity", self.intensity, INTENSITIES)
        _check_text("--person", self.person)
        _check_text("--licence", self.licence)


def _check_one_of(option: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is None or value in allowed:
        return
    near = difflib.get_close_matches(value, allowed, 1, 0.6)
    hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(allowed)}."
    raise UsageError(f"{option} is {value!r}, which is none of the known ones: {hint}")


def _check_text(option: str, value: str | None) -> None:
    if value is not None and not (value.strip() and value.isprintable() and len(value) <= _MOST_LETTERS):
        raise UsageError(f"{option} is {value!r}, but it should be 1 to {_MOST_LETTERS} printable letters.")
