"""The plans of this device on its disk. A plan is machine code: what is not ours beyond doubt is never handed out."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.config.paths import state_dir
from edge.infer.engine import EngineError
from edge.infer.plan_folder import DistrustError, PlanFolder, make_folder
from edge.infer.plan_key import PlanKey
from edge.infer.plan_manifest import MOST_BYTES, PlanManifest, parse_manifest

_ROOM = {errno.ENOSPC: "make room there", errno.EDQUOT: "make room there", errno.EROFS: "make its disk writable"}
_BUILT = "it is built"
_BUILT_AGAIN = "it is built again"
_MEND = "ONNX Runtime serves until that is mended, with chmod and chown say"


class PlanError(EngineError):
    """There is no plan to be had. `reason` is the sentence without its end, `then`: what follows from it."""

    def __init__(self, reason: str, then: str = "") -> None:
        super().__init__(f"{reason}: {then}." if then else reason)
        self.reason = reason


class PlanMissingError(PlanError):
    """There is no such plan yet."""


class PlanRejectedError(PlanError):
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
        """The plan: the very bytes that were hashed. Raises PlanMissingError and PlanRejectedError."""
        with opened(self.folder) as folder, folder.locked(shared=True):
            manifest = read_manifest(folder, self.folder / f"{key.stem}.json")
            differences = _differences(manifest.key, key.fields)
            if differences:
                raise PlanRejectedError(f"The plan {self.path(key)} was made for {differences}", _BUILT_AGAIN)
            return Plan(key, read_plan(folder, self.path(key), manifest), manifest.tensors)

    def save(self, plan: Plan, facts: Mapping[str, Any]) -> Path:
        """Keep `plan` in place of whatever lies there. Raises EngineError, and changes nothing then.

        The manifest comes last: a writer that dies in between leaves a pair that does not match, and is not used.
        """
        path = self.path(plan.key)
        sha256 = hashlib.sha256(plan.data).hexdigest()
        try:
            manifest = PlanManifest(plan.key.fields, len(plan.data), sha256, plan.tensors, dict(facts)).encode()
        except (ValueError, TypeError) as error:
            raise EngineError(f"The plan {path} cannot be kept: its manifest is none ({error}).") from error
        with self._written() as folder:
            for name in folder.leftovers():
                with contextlib.suppress(OSError):
                    folder.remove(name)
            folder.write({path.name: plan.data, f"{plan.key.stem}.json": manifest})
        return path

    def prepare(self) -> None:
        """Make the folder. Raises EngineError where no plan could be kept: before it is built, not after."""
        with self._written() as folder:
            folder.check_writable()

    @contextlib.contextmanager
    def _written(self) -> Iterator[PlanFolder]:
        try:
            make_folder(self.folder)
            # What root builds for the service lies in the service's folder; root itself runs nothing from there.
            with PlanFolder.opened(self.folder, any_owner=os.geteuid() == 0) as folder:
                yield folder
        except OSError as error:
            remedy = "choose another folder" if os.geteuid() == 0 else "try again with sudo"
            raise EngineError(
                f"The folder {self.folder} takes no plans ({error.strerror}): {_ROOM.get(error.errno or 0, remedy)}."
            ) from error
        except DistrustError as error:
            raise EngineError(f"The folder {self.folder} {error}, plans are not kept there: mend it.") from error


@contextlib.contextmanager
def opened(path: Path, *, any_owner: bool = False) -> Iterator[PlanFolder]:
    """The folder, to read from. Raises PlanMissingError and PlanRejectedError."""
    try:
        with PlanFolder.opened(path, any_owner=any_owner) as folder:
            yield folder
    except FileNotFoundError as error:
        raise PlanMissingError(f"There are no plans in {path} yet", _BUILT) from error
    except DistrustError as error:
        raise PlanRejectedError(f"The folder {path} {error}, its plans are not used", _MEND) from error
    except OSError as error:
        raise PlanRejectedError(f"The folder {path} cannot be read ({error.strerror})", _MEND) from error


def read_manifest(folder: PlanFolder, path: Path) -> PlanManifest:
    """The manifest that lies as `path` in the opened `folder`. Raises PlanMissingError and PlanRejectedError."""
    try:
        return parse_manifest(_read(folder, path, MOST_BYTES))
    except ValueError as error:
        raise PlanRejectedError(f"The manifest {path} {error}", _BUILT_AGAIN) from error


def read_plan(folder: PlanFolder, path: Path, manifest: PlanManifest) -> bytes:
    """The plan, with the size and the sha256 of its manifest. Raises PlanMissingError and PlanRejectedError."""
    data = _read(folder, path, manifest.size_bytes)
    if len(data) != manifest.size_bytes:
        raise PlanRejectedError(f"The plan {path} has {len(data)} bytes, {manifest.size_bytes} are right", _BUILT_AGAIN)
    if not hmac.compare_digest(hashlib.sha256(data).hexdigest().encode(), manifest.sha256.encode()):
        raise PlanRejectedError(f"The plan {path} is not its manifest's, their sha256 differ", _BUILT_AGAIN)
    return data


def _read(folder: PlanFolder, path: Path, most_bytes: int) -> bytes:
    try:
        return folder.read(path.name, most_bytes)
    except FileNotFoundError as error:
        raise PlanMissingError(f"There is no {path}", _BUILT) from error
    except DistrustError as error:
        raise PlanRejectedError(f"The file {path} {error}", _BUILT_AGAIN) from error
    except OSError as error:
        raise PlanRejectedError(f"The file {path} cannot be read ({error.strerror})", _BUILT_AGAIN) from error


def _differences(have: Mapping[str, Any], want: Mapping[str, Any]) -> str:
    """Every part in which they differ, with both values; the types count too: True is not 1."""
    parts = []
    for part in sorted({*have, *want}):
        one, other = have.get(part), want.get(part)
        if part not in have or part not in want or type(one) is not type(other) or one != other:
            name = part if part in want else f"{part!r:.20}"
            parts.append(f"{name} {one!r:.70}, not {other!r:.70}")
    return "; ".join(parts[:10])
