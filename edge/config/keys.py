"""The keys that there are, dotted like sync.audio_offset_ms, and what the text of a variable or flag means for each."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from edge.config.layers import PREFIX, Given
from edge.config.model import Settings
from edge.errors import ConfigError


def _annotations(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        key = prefix + (field.alias or name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _annotations(field.annotation, f"{key}.")
        else:
            yield key, field.annotation


_TYPES = dict(_annotations())
_SECTIONS = frozenset(key.rpartition(".")[0] for key in _TYPES if "." in key)


def is_empty_section(key: str, value: object) -> bool:
    """[video] with nothing below it."""
    return key in _SECTIONS and value == {}


def from_text(key: str, value: Any) -> Any:
    """`value` as the key's type when it is text; text that means nothing stays, to be complained about."""
    if isinstance(value, str):
        with contextlib.suppress(ValidationError):
            return TypeAdapter(_TYPES[key]).validate_python(value, strict=False)
    return value


def check_known(key: str, entry: Given) -> None:
    """Raise ConfigError, with the nearest key that there is, for one that there is not."""
    if key in _TYPES:
        return
    keys = list(_TYPES)
    section = [known for known in keys if known.startswith(f"{key}.")]
    if section:
        raise ConfigError(f"{entry} is a section, not a key: its keys are {', '.join(section)}.")
    # The last part alone finds a key that was put into the wrong section.
    by_last_part = {known.rsplit(".", 1)[-1]: known for known in keys}
    near = difflib.get_close_matches(key, [*keys, *_SECTIONS] if entry.value == {} else keys, 1, 0.6)
    near = near or [by_last_part[last] for last in difflib.get_close_matches(key.rsplit(".", 1)[-1], by_last_part, 1)]
    hint = f"did you mean {_as_written(near[0], entry)}?" if near else "edge-emotion config schema lists all keys."
    raise ConfigError(f"{entry} is no key that edge-emotion knows: {hint}")


def _as_written(key: str, entry: Given) -> str:
    """`key` in the spelling of the place where `entry` stands."""
    return PREFIX + key.upper().replace(".", "__") if entry.name.startswith(PREFIX) else key
