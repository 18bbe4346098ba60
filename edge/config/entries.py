"""Every key as a reader needs it: what it is, what is allowed, what holds when nobody says anything."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from edge.config.model import Settings


@dataclass(frozen=True)
class Entry:
    """One key. `default` and `example` are TOML, `default` is None where the key is not set or differs by machine."""

    section: str
    name: str
    summary: str
    allowed: str
    default: str | None
    example: str

    @property
    def key(self) -> str:
        """The dotted name, like sync.audio_offset_ms."""
        return f"{self.section}.{self.name}" if self.section else self.name


def entries() -> list[Entry]:
    """All keys in the order of the settings, those of the sections last."""
    return list(_entries(Settings, ""))


def sections() -> dict[str, str]:
    """What each section is about."""
    models = {name: field.annotation for name, field in Settings.model_fields.items() if _is_section(field)}
    return {name: (model.__doc__ or "") for name, model in models.items()}


def _entries(model: type[BaseModel], section: str) -> Iterator[Entry]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _entries(kind, name)
        else:
            default = None if field.default_factory or field.default is None else _toml(field.default)
            examples = field.examples or []
            yield Entry(
                section=section,
                name=field.alias or name,
                summary=field.description or "",
                allowed=_allowed(field),
                default=default,
                example=default if default is not None else _toml(examples[0]),
            )


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _toml(value: Any) -> str:
    """JSON's text, numbers and booleans are TOML's too."""
    return json.dumps(value, default=str, ensure_ascii=False)


def _allowed(field: FieldInfo) -> str:
    """Values or limits, "" where the summary has to tell."""
    kind = _without_none(field.annotation)
    if kind is bool:
        return "true, false"
    if get_origin(kind) is Literal:
        return ", ".join(map(_toml, get_args(kind)))
    low = next((f"{rule.ge:g}" for rule in field.metadata if isinstance(rule, Ge)), None)
    low = low or next((f"above {rule.gt:g}" for rule in field.metadata if isinstance(rule, Gt)), None)
    high = next((f"{rule.le:g}" for rule in field.metadata if isinstance(rule, Le)), None)
    if low and high:
        return f"{low} to {high}"
    longest = next((rule.max_length for rule in field.metadata if isinstance(rule, MaxLen)), None)
    return f"at most {longest} characters" if longest else ""


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in {Union, types.UnionType}:
        return next(part for part in get_args(kind) if part is not types.NoneType)
    return kind
