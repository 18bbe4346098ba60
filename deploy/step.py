"""The contract of every step of a provision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from edge.errors import EdgeError

if TYPE_CHECKING:
    from deploy.site import Site


class DeployError(EdgeError):
    """The machine cannot be brought to what was asked for: one sentence with its remedy (exit code 1)."""


class NotUpgradedError(DeployError):
    """The release before stays in force, or is again, and all is as it was."""


class Step(Protocol):
    """One thing that a machine needs for the service. `name` is what the progress and the receipt call it."""

    name: str

    def plan(self, site: Site) -> list[str]:
        """What `run` would change, a line each; empty when all is there. Changes nothing, and may raise EdgeError."""
        ...

    def run(self, site: Site) -> None:
        """Change it; whatever is there already is left alone. Raises EdgeError."""
        ...

    def undo(self, site: Site) -> list[str]:
        """Take back what the receipt names; gives in words what is left, and why."""
        ...
