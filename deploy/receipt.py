"""What a provision has changed on a machine, so that `remove` can take back that, and nothing else."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from deploy.host import Host
from deploy.step import DeployError
from deploy.unwritable import unwritable

RECEIPT = Path("/opt/edge-emotion/receipt.json")
_KINDS = ("brought", "packages", "groups", "folders", "links", "units", "restarts", "releases")
_FORM = 1


class Receipt:
    """Written anew with each change, before the next one begins: a provision that is cut off leaves a true one."""

    def __init__(self, host: Host, facts: dict[str, Any] | None = None) -> None:
        self._host = host
        facts = facts or {}
        self._names: dict[str, list[str]] = {kind: list(facts.get(kind, [])) for kind in _KINDS}
        self.files: dict[str, str] = dict(facts.get("files", {}))
        """Path on the machine to the sha256 of what was written there, empty for a secret."""
        self.finished: bool = bool(facts.get("finished", False))

    @classmethod
    def load(cls, host: Host) -> Receipt:
        """The machine's receipt, an empty one where there is none. Raises DeployError for one that cannot be read."""
        try:
            facts = json.loads(host.path(RECEIPT).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls(host)
        except (OSError, ValueError) as error:
            raise DeployError(f"The receipt {RECEIPT} cannot be read ({error}): mend it, or put it away.") from error
        if not _is_receipt(facts):
            raise DeployError(
                f"The receipt {RECEIPT} cannot be read, it is not of the form {_FORM}: use the edge-deploy that "
                "wrote it, or put it away."
            )
        return cls(host, facts)

    def names(self, kind: str) -> list[str]:
        """What was added of `kind`, the oldest first.

        `brought` are packages from before the first step, `restarts` units that run with settings of before.
        """
        return list(self._names[kind])

    def add(self, kind: str, name: str) -> None:
        """Note it before it is made."""
        if name not in self._names[kind]:
            self._names[kind].append(name)
            self.save()

    def forget(self, kind: str, name: str) -> None:
        """Note that it is there no longer."""
        if name in self._names[kind]:
            self._names[kind].remove(name)
            self.save()

    def add_release(self, name: str) -> None:
        """A release that will be made."""
        self.add("releases", name)

    def add_packages(self, *names: str) -> None:
        """Packages that apt will newly install."""
        for name in names:
            self.add("packages", name)

    def add_file(self, path: str, content: bytes | None) -> None:
        """A file that will have this content; None for a secret, whose hash nobody may try passwords on."""
        self.files[path] = "" if content is None else hashlib.sha256(content).hexdigest()
        self.save()

    def forget_file(self, path: str) -> None:
        """Note that it is there no longer."""
        if self.files.pop(path, None) is not None:
            self.save()

    def is_untouched(self, path: str) -> bool:
        """Whether the file is as it was written, and nobody has changed it since."""
        try:
            content = self._host.path(path).read_bytes()
        except OSError:
            return False
        return self.files.get(path) == hashlib.sha256(content).hexdigest()

    @property
    def is_there(self) -> bool:
        """Whether this machine has one: something was provisioned, or was begun to be."""
        return self._host.path(RECEIPT).exists()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take back but the place of the receipt itself."""
        return not self.files and not any(names for kind, names in self._names.items() if kind != "folders")

    def finish(self, finished: bool) -> None:
        """Whether the last provision came to its end."""
        self.finished = finished
        self.save()

    def save(self) -> None:
        """Write it: all of it or nothing. Raises DeployError."""
        path = self._host.path(RECEIPT)
        part = path.with_suffix(".part")
        try:
            self._make_place()
            facts = {"form": _FORM, "finished": self.finished, "files": self.files, **self._names}
            with part.open("w", encoding="utf-8") as file:
                file.write(json.dumps(facts, indent=2) + "\n")
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            raise unwritable(f"The receipt {RECEIPT}", error) from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)

    def _make_place(self) -> None:
        for folder in (RECEIPT.parent.parent, RECEIPT.parent):
            if not self._host.path(folder).is_dir():
                self._host.path(folder).mkdir()
                self._names["folders"].append(str(folder))

    def delete(self) -> None:
        """Nothing is to be taken back any more."""
        path = self._host.path(RECEIPT)
        path.with_suffix(".part").unlink(missing_ok=True)  # of one that was killed
        path.unlink(missing_ok=True)


def _is_receipt(facts: object) -> bool:
    if not isinstance(facts, dict) or facts.get("form") != _FORM:
        return False
    lists, files = [facts.get(kind, []) for kind in _KINDS], facts.get("files", {})
    names = [name for found in lists if isinstance(found, list) for name in found]
    whole = all(isinstance(found, list) for found in lists) and isinstance(files, dict)
    return whole and all(isinstance(word, str) for word in (*names, *files.values()))
