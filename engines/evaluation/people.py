"""Whom the shipped student has met in training: everybody else may judge it, known to us or not."""

from __future__ import annotations

import re

from engines.datasets.splits import speaker_part

# All people of the development archives; `speaker_part` says which of them are held out. Others were never met.
_KNOWN = {
    "ravdess": {f"{number:02d}" for number in range(2, 21)},
    "emodb": {"03", "08", "09", "10", "11", "12", "13", "14"},
    "nemo": {"EB0", "IC0", "KS0", "MK0", "MP0", "SM0", "WR0"},
}
_SUBJECT = re.compile(r"([a-z]+)[-_ ]?(\w+)", re.IGNORECASE)


def is_held_out(data_set: str, person: str) -> bool:
    """Whether neither training nor validation has met this person of a data set (any name, any number)."""
    known = person in _KNOWN.get(data_set.lower(), ())
    return not known or speaker_part(data_set.lower(), person) == "test"


def is_subject_held_out(subject: str) -> bool:
    """The same for a name such as `ravdess05`, as filmed people are called."""
    parts = _SUBJECT.fullmatch(subject)
    return parts is None or is_held_out(parts[1], parts[2])
