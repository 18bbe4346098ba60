"""From layers to Settings; whatever is wrong with them becomes one sentence."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edge.config.keys import check_known, from_text, is_empty_section
from edge.config.layers import Layer, environment_layer, file_layer, flags_layer
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
    path = config_file or default_config_file(environ)
    given = file_layer(path) if path else {}
    _check_known(given)
    for texts in (environment_layer(environ), flags_layer(flags or {})):
        _check_known(texts)
        given.update({key: replace(entry, value=from_text(key, entry.value)) for key, entry in texts.items()})
    try:
        settings = Settings.model_validate(_nested(given))
    except ValidationError as error:
        raise _wrong_value(error, given) from None
    _check_sources(settings, given)
    _check_files(settings, given)
    return settings


def _check_known(layer: Layer) -> None:
    for key, entry in list(layer.items()):
        if is_empty_section(key, entry.value):
            del layer[key]
        else:
            check_known(key, entry)


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
    reason = _reason(first["type"], first["msg"], first.get("ctx", {}))
    if entry is None:  # a rule about a whole section
        return ConfigError(f"The section {key} is wrong: {reason}.")
    kind = UsageError if entry.is_flag else ConfigError
    value = masked(entry.value) if isinstance(entry.value, str) else entry.value
    return kind(f"{entry} is {value!r}, but {reason}.")


_REASONS = {
    "string_type": 'it must be text in "quotes"',
    "path_type": 'it must be a path in "quotes"',
    "bool_type": "it must be true or false",
    "bool_parsing": "it must be true or false",
    "string_too_long": "it must have at most {max_length} characters",
}
"""What is clearer than pydantic's own words, by its name for the fault."""


def _reason(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind in _REASONS:
        return _REASONS[kind].format(**context)
    text = message.removeprefix("Value error, ").rstrip(".")
    if kind == "value_error":
        return text
    text = text.split(", unable to")[0].split(", got a number")[0]
    return (text[0].lower() + text[1:]).replace("input should be", "it should be")


def _check_sources(settings: Settings, given: Layer) -> None:
    if any(source.strip().lower() != "none" for source in (settings.camera, settings.mic)):
        return
    entries = given["camera"], given["mic"]
    kind = UsageError if any(entry.is_flag for entry in entries) else ConfigError
    raise kind(f"{entries[0]} and {entries[1]} are both 'none': name one, like camera 0 or mic default.")


def _check_files(settings: Settings, given: Layer) -> None:
    for key, path in settings.files.items():
        if not path.is_file():
            raise ConfigError(
                f"{given[key]} is '{path}', but there is no such file: correct the path or take the key out."
            )
    password = settings.mqtt.password_file
    if password is not None and not _first_line(password):
        raise ConfigError(
            f"{given['mqtt.password_file']} is '{password}', but it is empty: write the password into its first line."
        )


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"The password file {path} cannot be read ({reason}): correct its path or rights.") from error
