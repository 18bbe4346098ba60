"""What one run of `edge-engines parity` found, for the table, for JSON and for the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engines.parity.backends import Choice
from engines.parity.compare import Parity
from engines.parity.feeds import ParityFeeds


@dataclass(frozen=True)
class Absence:
    """A candidate without figures, and why: this machine does not have it, or (`broken`) it has, but it fails."""

    choice: Choice
    reason: str
    broken: bool = False


@dataclass(frozen=True)
class Results:
    """All candidates that were compared, and those that could not be."""

    model: str
    """First 8 digits of the student's sha256."""
    feeds: ParityFeeds
    compared: tuple[tuple[Choice, Parity], ...]
    absent: tuple[Absence, ...]

    @property
    def accepted(self) -> bool:
        """Whether nothing was refused, and nothing that is here fails."""
        return all(parity.accepted for _, parity in self.compared) and not any(one.broken for one in self.absent)

    def absences(self) -> list[str]:
        """One line for each reason."""
        names: dict[str, list[str]] = {}
        for one in self.absent:
            names.setdefault(f"{'it FAILS' if one.broken else 'not compared'}: {one.reason.rstrip('.')}.", []).append(
                one.choice.name
            )
        return [f"{', '.join(found)}: {words}" for words, found in names.items()]

    def as_json(self) -> dict[str, Any]:
        """Everything but single probabilities."""
        return {
            "model": self.model,
            "source": self.feeds.source,
            "crops": len(self.feeds.crops),
            "rows": len(self.feeds.rows),
            "cases": self.feeds.counts(),
            "compared": [{"backend": choice.backend, **parity.as_json()} for choice, parity in self.compared],
            "absent": [{**vars(one.choice), "reason": one.reason, "broken": one.broken} for one in self.absent],
            "accepted": self.accepted,
        }
