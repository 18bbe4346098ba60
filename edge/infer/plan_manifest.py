"""The manifest beside a plan: what the plan was made of and for, and the hash that it must have."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

MOST_BYTES = 65536
MOST_PLAN_BYTES = 512 * 1024 * 1024
_FORMAT = 1
_TENSORS = 32
_CHECK = "check"


@dataclass(frozen=True)
class PlanManifest:
    """`key` as in PlanKey.fields; `tensors`: our name -> the engine's; `facts`: of its making, for people."""

    key: dict[str, Any]
    size_bytes: int
    sha256: str
    tensors: dict[str, str]
    facts: dict[str, Any]

    def encode(self) -> bytes:
        """JSON that ends in its own sha256.

        Raises ValueError or TypeError where it holds what JSON has no word for, or is too long to be read again.
        """
        body = {"format": _FORMAT, **asdict(self)}
        data = _json({**body, _CHECK: hashlib.sha256(_json(body)).hexdigest()})
        if len(data) > MOST_BYTES:
            raise ValueError(f"a manifest of {len(data)} bytes, {MOST_BYTES} are read at most")
        if parse_manifest(data).key != self.key:
            raise ValueError("a manifest that would not be read again")
        return data


def parse_manifest(data: bytes) -> PlanManifest:
    """Of what lies on the disk nothing is believed: raises ValueError, in words that follow "the manifest".

    Only the very bytes of `encode` are taken: there is one way to write each manifest, and damage shows anywhere.
    """
    raw = _parsed(data)
    if not isinstance(raw, dict) or type(raw.get("format")) is not int or raw["format"] != _FORMAT:
        raise ValueError(f"is not of format {_FORMAT}")
    manifest = PlanManifest(
        key=_mapping(raw, "key"),
        size_bytes=_size(raw),
        sha256=_text(raw, "sha256"),
        tensors=_tensors(raw),
        facts=_mapping(raw, "facts"),
    )
    check = raw.pop(_CHECK, None)
    if check != hashlib.sha256(_json(raw)).hexdigest() or raw.keys() != {"format", *asdict(manifest)}:
        raise ValueError("is not as it was written: its own sha256 differs")
    return manifest


def _json(raw: Any) -> bytes:
    return (json.dumps(raw, indent=2, allow_nan=False) + "\n").encode()


def _parsed(data: bytes) -> Any:
    try:
        raw = json.loads(data.decode())
        again = _json(raw)
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON ({error.msg})") from error
    except ValueError as error:  # NaN, or a number of thousands of digits
        raise ValueError("holds a number that is none") from error
    if again != data:  # names twice, other blanks, other numbers: each reader might see something else
        raise ValueError("is not as it was written")
    return raw


def _mapping(raw: dict[str, Any], name: str) -> dict[str, Any]:
    value = raw.get(name)
    if not isinstance(value, dict):
        raise ValueError(f"has no {name}")  # noqa: TRY004  (the file is wrong, not the call)
    return value


def _tensors(raw: dict[str, Any]) -> dict[str, str]:
    names = _mapping(raw, "tensors")
    if not 0 < len(names) <= _TENSORS or not all(isinstance(value, str) for value in names.values()):
        raise ValueError("has tensors without names")
    return names


def _size(raw: dict[str, Any]) -> int:
    value = raw.get("size_bytes")
    if type(value) is not int or not 0 < value <= MOST_PLAN_BYTES:
        raise ValueError(f"has no size_bytes from 1 to {MOST_PLAN_BYTES}")
    return value


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str):
        raise ValueError(f"has no {name}")  # noqa: TRY004
    return value
