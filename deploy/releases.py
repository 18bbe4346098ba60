"""The releases of a machine: each a whole virtual environment, one of them in force."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deploy.host import Host
from deploy.receipt import Receipt

HOME = Path("/opt/edge-emotion")
"""Where all of it lies, as seen inside the machine."""
CURRENT = HOME / "current"
RELEASES = HOME / "releases"
_MARK = "release.json"
"""Written last: a folder without it is half done."""


class Releases:
    """The releases below `host`'s root. Names are `<version>-<8 hex digits of what it was made from>`."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def folder(self, name: str) -> Path:
        """Where the release is, as seen inside the machine."""
        return RELEASES / name

    @property
    def names(self) -> list[str]:
        """All that are there, whole or not, the oldest first."""
        folder = self._host.path(RELEASES)
        if not folder.is_dir():
            return []
        return [path.name for path in sorted(folder.iterdir(), key=lambda path: path.lstat().st_mtime_ns)]

    @property
    def in_force(self) -> str | None:
        """The release that `current` leads to; None before the first one."""
        link = self._host.path(CURRENT)
        return link.readlink().name if link.is_symlink() else None

    def is_whole(self, name: str, extras: Iterable[str] = ()) -> bool:
        """Whether it was installed to its end, with these extras."""
        return self.facts(name) is not None and set(extras) <= set((self.facts(name) or {})["extras"])

    def facts(self, name: str) -> dict[str, Any] | None:
        """What was noted when it was whole: `extras`, and whatever else; None where it is half done or not there."""
        try:
            facts = json.loads((self._host.path(self.folder(name)) / _MARK).read_text())
        except (OSError, ValueError):
            return None
        return facts if isinstance(facts, dict) and isinstance(facts.get("extras"), list) else None

    def mark_whole(self, name: str, facts: dict[str, Any]) -> None:
        """Note that it is installed to its end."""
        mark = self._host.path(self.folder(name)) / _MARK
        part = mark.with_suffix(".part")
        with part.open("w") as file:
            file.write(json.dumps(facts, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(mark)

    def put_in_force(self, name: str | None) -> None:
        """Let `current` lead to it from one moment to the next; None takes the link away."""
        link = self._host.path(CURRENT)
        new = link.with_name("current.new")
        new.unlink(missing_ok=True)  # of one that was cut off
        if name is None:
            link.unlink(missing_ok=True)
            return
        # Relative: true inside the machine and for who looks at its disk from outside.
        new.symlink_to(self.folder(name).relative_to(HOME))
        new.replace(link)

    def drop(self, name: str, receipt: Receipt) -> None:
        """Delete it, and strike it from the receipt."""
        shutil.rmtree(self._host.path(self.folder(name)), ignore_errors=True)
        receipt.forget("releases", name)
