"""What one run of `edge-engines parity` found, for the table, for JSON and for the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engines.parity.backends import Choice
from engines.parity.compare import Parity
from engines.parity.feeds import ParityFeeds


@dataclass(frozen=True)
class Missing:
    """A candidate that this machine does not have, and why."""

    choice: Choice
    reason: str


@dataclass(frozen=True)
class Results:
    """All candidates that were compared, and those that could not be."""

    model: str
    """First 8 digits of the student's sha256."""
    feeds: ParityFeeds
    compared: tuple[tuple[Choice, Parity], ...]
    missing: tuple[Missing, ...]

    @property
    def accepted(self) -> bool:
        """Whether nothing was refused."""
        return all(parity.accepted for _, parity in self.compared)

    def absences(self) -> list[str]:
        """One line for each reason."""
        names: dict[str, list[str]] = {}
        for one in self.missing:
            names.setdefault(one.reason, []).append(one.choice.name)
        return [f"{', '.join(found)}: not compared. {reason}" for reason, found in names.items()]

    def as_json(self) -> dict[str, Any]:
        """Everything but single probabilities."""
        return {
            "model": self.model,
            "source": self.feeds.source,
            "crops": len(self.feeds.crops),
            "rows": len(self.feeds.rows),
            "cases": self.feeds.counts(),
            "compared": [{"backend": choice.backend, **parity.as_json()} for choice, parity in self.compared],
            "missing": [{**vars(one.choice), "reason": one.reason} for one in self.missing],
            "accepted": self.accepted,
        }
