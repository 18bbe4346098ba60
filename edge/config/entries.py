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
    """One key. `default` and `example` are TOML; without a default the key is not set, or its value is found out."""

    section: str
    name: str
    summary: str
    allowed: str
    default: str | None
    example: str
    by_machine: bool
    """The value differs from machine to machine; the summary tells which it is."""

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
    return {name: " ".join((model.__doc__ or "").split()) for name, model in models.items()}


def _entries(model: type[BaseModel], section: str) -> Iterator[Entry]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _entries(kind, name)
        else:
            yield _entry(section, field.alias or name, field)


def _entry(section: str, name: str, field: FieldInfo) -> Entry:
    by_machine = field.default_factory is not None
    default = None if by_machine or field.default is None else _toml(field.default)
    return Entry(
        section=section,
        name=name,
        summary=" ".join((field.description or "").split()),
        allowed=_allowed(field),
        default=default,
        example=default if default is not None else _toml((field.examples or [""])[0]),
        by_machine=by_machine,
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
        return "`true`, `false`"
    if get_origin(kind) is Literal:
        return ", ".join(f"`{_toml(value)}`" for value in get_args(kind))
    low = next((_number(rule.ge) for rule in field.metadata if isinstance(rule, Ge)), None)
    low = low or next((f"above {_number(rule.gt)}" for rule in field.metadata if isinstance(rule, Gt)), None)
    high = next((_number(rule.le) for rule in field.metadata if isinstance(rule, Le)), None)
    if low and high:
        return f"{low} to {high}"
    longest = next((rule.max_length for rule in field.metadata if isinstance(rule, MaxLen)), None)
    return f"at most {longest} characters" if longest else ""


def _number(limit: Any) -> str:
    return f"{limit:g}".replace("e+0", "e")


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in {Union, types.UnionType}:
        return next(part for part in get_args(kind) if part is not types.NoneType)
    return kind
