"""What one check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(str, Enum):
    """`FAILED` is what this machine cannot run with; `WARNING` is what it can, but not as well."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Finding:
    """`found` says what is there, `remedy` in one sentence how to mend it; empty where nothing is to be mended."""

    verdict: Verdict
    found: str
    remedy: str = ""


def ok(found: str) -> Finding:
    """All is well."""
    return Finding(Verdict.OK, found)


def as_sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def not_applicable(reason: str) -> Finding:
    """There is nothing to check here."""
    return Finding(Verdict.NOT_APPLICABLE, reason)
