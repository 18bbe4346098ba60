"""From layers to Settings; whatever is wrong with them becomes one sentence."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from edge.config.layers import PREFIX, Given, Layer, environment_layer, file_layer, flags_layer
from edge.config.model import Settings
from edge.config.paths import config_file as default_config_file
from edge.config.secrets import masked
from edge.errors import ConfigError, EdgeError, UsageError


def load_settings(
    flags: Mapping[str, Any] | None = None,
    config_file: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Defaults < file < environment < flags.

    Args:
        flags: values of the command line by key (dotted for sections); None means not given.
        config_file: the TOML file; without it $EDGE_EMOTION_CONFIG, else the system's or the user's where present.
        environ: the environment.

    Raises:
        ConfigError: file or environment are wrong. UsageError: a flag is.
    """
    named = environ.get(f"{PREFIX}CONFIG")
    path = config_file or (Path(named) if named else default_config_file(environ))
    given: Layer = {}
    for layer in (file_layer(path) if path else {}, environment_layer(environ), flags_layer(flags or {})):
        for key, entry in layer.items():
            _check_known(key, entry)
        given.update(layer)
    try:
        settings = Settings.model_validate(_nested(given))
    except ValidationError as error:
        raise _wrong_value(error, given) from None
    _check_files(settings, given)
    return settings


def known_keys(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """All keys, dotted, like sync.audio_offset_ms."""
    for name, field in model.model_fields.items():
        key = prefix + (field.alias or name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from known_keys(field.annotation, f"{key}.")
        else:
            yield key


def _check_known(key: str, entry: Given) -> None:
    keys = list(known_keys())
    if key in keys:
        return
    section = [known for known in keys if known.startswith(f"{key}.")]
    if section:
        raise ConfigError(f"{entry} is a section, not a key: its keys are {', '.join(section)}.")
    # The last part alone finds a key that was put into the wrong section.
    by_last_part = {known.rsplit(".", 1)[-1]: known for known in keys}
    near = difflib.get_close_matches(key, keys, 1, 0.6)
    near = near or [by_last_part[last] for last in difflib.get_close_matches(key.rsplit(".", 1)[-1], by_last_part, 1)]
    hint = f"did you mean {_as_written(near[0], entry)}?" if near else "edge-emotion config schema lists all keys."
    raise ConfigError(f"{entry} is no key that edge-emotion knows: {hint}")


def _as_written(key: str, entry: Given) -> str:
    """`key` in the spelling of the place where `entry` stands."""
    return PREFIX + key.upper().replace(".", "__") if entry.name.startswith(PREFIX) else key


def _nested(given: Layer) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, entry in given.items():
        *sections, last = key.split(".")
        place = table
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = entry.value
    return table


def _wrong_value(error: ValidationError, given: Layer) -> EdgeError:
    """The first of pydantic's complaints as a sentence about what the user wrote."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    entry = given.get(key)
    reason = _reason(first["type"], first["msg"])
    if entry is None:  # a rule about a whole section
        return ConfigError(f"The section {key} is wrong: {reason}.")
    kind = UsageError if entry.is_flag else ConfigError
    value = masked(entry.value) if isinstance(entry.value, str) else entry.value
    return kind(f"{entry} is {value!r}, but {reason}.")


def _reason(kind: str, message: str) -> str:
    text = message.removeprefix("Value error, ").rstrip(".")
    if kind == "value_error":
        return text
    text = text.split(", unable to")[0].split(", got a number")[0]
    return (text[0].lower() + text[1:]).replace("input should be", "it should be")


def _check_files(settings: Settings, given: Layer) -> None:
    for key, path in settings.files.items():
        if not path.is_file():
            raise ConfigError(
                f"{given[key]} is '{path}', but there is no such file: correct the path or take the key out."
            )
