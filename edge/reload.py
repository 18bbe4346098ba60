"""The settings once more, while the run goes on: what can be applied is, what needs a restart is said."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from edge.config import Settings
from edge.errors import EdgeError

_log = logging.getLogger("edge.reload")


def _always(_settings: Settings) -> bool:
    return True


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Part:
    """What of the settings (keys without a dot, or whole sections) is applied by whom.

    `apply` raises EdgeError where the new ones cannot be had, and leaves the old in force. `can`: whether these need no
    restart. `due`: whether to apply although nothing has changed, as after a login that the broker refused.
    """

    names: frozenset[str]
    apply: Callable[[Settings], None]
    can: Callable[[Settings], bool] = _always
    due: Callable[[], bool] = _never


class Reload:
    """`again` reads the settings as at the start and raises EdgeError; `settings` are those in force."""

    def __init__(self, settings: Settings, again: Callable[[], Settings], parts: Sequence[Part]) -> None:
        self._running = settings
        self._again = again
        self._parts = parts
        self.waiting: tuple[str, ...] = ()
        """Keys whose new values wait for a restart."""

    def run(self) -> None:
        """Read and apply; every outcome is told in the log."""
        try:
            new = self._again()
        except EdgeError as error:
            _log.error("the settings stay as they were: %s", error)
            return
        changed = changed_keys(self._running, new)
        rest, applied = changed, []
        for part in self._parts:
            keys = [key for key in changed if key.split(".")[0] in part.names]
            if (keys and part.can(new)) or (not keys and part.due()):
                rest = [key for key in rest if key not in keys]
                applied += keys if self._applied(part, new, keys) else []
        self.waiting = tuple(rest)
        if applied:
            _log.info("reloaded: %s", ", ".join(applied))
        if rest:
            _log.warning("only a restart applies the new %s: systemctl restart edge-emotion", ", ".join(rest))
        if not changed:
            _log.info("reloaded: the settings are the same")

    def _applied(self, part: Part, new: Settings, keys: list[str]) -> bool:
        try:
            part.apply(new)
        except EdgeError as error:
            _log.error("%s: as before, because of this: %s", ", ".join(keys or sorted(part.names)), error)
            return False
        self._running = self._running.model_copy(update={name: getattr(new, name) for name in part.names})
        return True


def changed_keys(old: Settings, new: Settings) -> list[str]:
    """Dotted keys whose values differ, in the order of the settings."""
    before, after = _flat(old.model_dump(by_alias=True)), _flat(new.model_dump(by_alias=True))
    return [key for key, value in after.items() if value != before[key]]


def _flat(table: dict[str, Any]) -> dict[str, Any]:
    flat = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat.update({f"{key}.{last}": each for last, each in value.items()})
        else:
            flat[key] = value
    return flat
