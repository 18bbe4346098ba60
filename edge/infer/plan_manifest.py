"""The manifest beside a plan: what the plan was made of and for, and the hash that it must have."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

MOST_BYTES = 65536
_FORMAT = 1
_TENSORS = 32


@dataclass(frozen=True)
class PlanManifest:
    """`key` as in PlanKey.fields; `tensors`: our name -> the engine's; `facts`: of its making, for people."""

    key: dict[str, Any]
    size_bytes: int
    sha256: str
    tensors: dict[str, str]
    facts: dict[str, Any]

    def encode(self) -> bytes:
        """JSON. Raises ValueError where it holds what JSON has no word for, or is too long to be read again."""
        text = json.dumps({"format": _FORMAT, **asdict(self)}, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
        data = text.encode()
        if len(data) > MOST_BYTES:
            raise ValueError(f"a manifest of {len(data)} bytes, {MOST_BYTES} are read at most")
        return data


def parse_manifest(data: bytes) -> PlanManifest:
    """Of what lies on the disk nothing is believed: raises ValueError, in words that follow "the manifest"."""
    try:
        raw = json.loads(data.decode(), object_pairs_hook=_once_each, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON ({error.msg})") from error
    if not isinstance(raw, dict) or raw.get("format") != _FORMAT:
        raise ValueError(f"is not of format {_FORMAT}")
    return PlanManifest(
        key=_mapping(raw, "key"),
        size_bytes=_whole(raw, "size_bytes"),
        sha256=_text(raw, "sha256"),
        tensors=_tensors(raw),
        facts=_mapping(raw, "facts"),
    )


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values under one name each reader might take another."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("names something twice")
    return made


def _no_number(word: str) -> Any:
    raise ValueError(f"holds {word}")


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


def _whole(raw: dict[str, Any], name: str) -> int:
    value = raw.get(name)
    if type(value) is not int or value <= 0:
        raise ValueError(f"has no {name}")
    return value


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str):
        raise ValueError(f"has no {name}")  # noqa: TRY004
    return value
