"""The plans of this device on its disk. A plan is machine code: what is not ours beyond doubt is never handed out."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.config.paths import state_dir
from edge.infer.engine import EngineError
from edge.infer.plan_folder import DistrustError, PlanFolder
from edge.infer.plan_key import PlanKey
from edge.infer.plan_manifest import MOST_BYTES, PlanManifest, parse_manifest

MOST_PLAN_BYTES = 512 * 1024 * 1024


class PlanMissingError(EngineError):
    """There is no such plan yet."""


class PlanRejectedError(EngineError):
    """What lies there is not the plan, or not beyond doubt."""


@dataclass(frozen=True)
class Plan:
    """A serialised engine. `tensors`: our name of an input or output -> the engine's."""

    key: PlanKey
    data: bytes
    tensors: dict[str, str]


def plans_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """`engines` in the state folder."""
    return state_dir(environ) / "engines"


class PlanStore:
    """Plans in `folder`, each `<stem>.plan` with `<stem>.json` beside it, found by their keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: PlanKey) -> Path:
        """Where the plan is, or would be."""
        return self.folder / f"{key.stem}.plan"

    def load(self, key: PlanKey) -> Plan:
        """The plan, checked byte by byte. Raises PlanMissingError and PlanRejectedError."""
        with self._opened() as folder:
            manifest = self._manifest(folder, key)
            data = self._read(folder, f"{key.stem}.plan", MOST_PLAN_BYTES)
        path = self.path(key)
        if len(data) != manifest.size_bytes:
            raise PlanRejectedError(f"The plan {path} has {len(data)} bytes instead of {manifest.size_bytes}.")
        if not hmac.compare_digest(hashlib.sha256(data).hexdigest(), manifest.sha256):
            raise PlanRejectedError(f"The plan {path} is not the one that its manifest tells of: sha256 differs.")
        return Plan(key, data, manifest.tensors)

    def save(self, plan: Plan, facts: Mapping[str, Any]) -> Path:
        """Keep `plan`, the manifest last: a writer that dies leaves none. Raises EngineError, on a full disk say."""
        stem = plan.key.stem
        sha256 = hashlib.sha256(plan.data).hexdigest()
        manifest = PlanManifest(plan.key.fields, len(plan.data), sha256, plan.tensors, dict(facts)).encode()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with PlanFolder.opened(self.folder) as folder:
                for name in folder.leftovers():
                    with contextlib.suppress(OSError):
                        folder.remove(name)
                folder.write(f"{stem}.plan", plan.data)
                folder.write(f"{stem}.json", manifest)
        except OSError as error:
            raise EngineError(
                f"The plan {self.path(plan.key)} cannot be kept ({error.strerror}): make room there, or let it be "
                "written by this user."
            ) from error
        except DistrustError as error:
            raise EngineError(f"The folder {self.folder} {error}: plans are not kept there, mend it.") from error
        return self.path(plan.key)

    def _manifest(self, folder: PlanFolder, key: PlanKey) -> PlanManifest:
        """What it says must be what is asked for, in every part."""
        name = f"{key.stem}.json"
        try:
            manifest = parse_manifest(self._read(folder, name, MOST_BYTES))
        except ValueError as error:
            raise PlanRejectedError(f"The manifest {self.folder / name} {error}.") from error
        wanted = key.fields
        for part in sorted({*wanted, *manifest.key}):
            have = manifest.key.get(part)
            if part not in wanted or type(have) is not type(wanted[part]) or have != wanted[part]:
                said = f"{have!r}"[:80]
                raise PlanRejectedError(
                    f"The plan {self.path(key)} was made for {part} {said}, not {wanted.get(part)!r}."
                )
        return manifest

    def _read(self, folder: PlanFolder, name: str, most_bytes: int) -> bytes:
        path = self.folder / name
        try:
            return folder.read(name, most_bytes)
        except FileNotFoundError as error:
            raise PlanMissingError(f"There is no {path} yet.") from error
        except DistrustError as error:
            raise PlanRejectedError(f"The file {path} {error}.") from error
        except OSError as error:
            raise PlanRejectedError(f"The file {path} cannot be read ({error.strerror}).") from error

    @contextlib.contextmanager
    def _opened(self) -> Iterator[PlanFolder]:
        try:
            with PlanFolder.opened(self.folder) as folder:
                yield folder
        except FileNotFoundError as error:
            raise PlanMissingError(f"There are no plans in {self.folder} yet.") from error
        except DistrustError as error:
            raise PlanRejectedError(f"The folder {self.folder} {error}: its plans are not used.") from error
        except OSError as error:
            raise PlanRejectedError(f"The folder {self.folder} cannot be read ({error.strerror}).") from error
