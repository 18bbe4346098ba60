"""What every step is given."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.files import UNIT_FOLDER, WEB
from deploy.host import Host
from deploy.receipt import Receipt
from deploy.source import Source
from deploy.wishes import Wishes


def _silent(_fraction: float, _words: str) -> None:
    """Nobody looks."""


def _on_stderr(words: str) -> None:
    print(f"warning: {words}", file=sys.stderr, flush=True)


@dataclass
class Site:
    """The machine, what was asked for, what was changed; `progress(0…1, words)` tells how far a step is.

    `warn(words)` is for what was not done and ends nothing. `source` is what lies at `wishes.source`, looked at once: a
    checkout that is worked on meanwhile must not change its name from step to step.
    """

    host: Host
    wishes: Wishes
    receipt: Receipt
    progress: Callable[[float, str], None] = field(default=_silent)
    warn: Callable[[str], None] = field(default=_on_stderr)
    source: Source | None = None

    @property
    def wants_web(self) -> bool:
        """Whether the web process is asked for now, or was before."""
        return self.wishes.web or f"{UNIT_FOLDER}/{WEB}" in self.receipt.files
