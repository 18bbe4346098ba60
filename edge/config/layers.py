"""Where settings come from: each layer maps dotted keys to raw values, and knows how to name each one to a user."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PREFIX = "EDGE_EMOTION_"
_NOT_SETTINGS = frozenset({"EDGE_EMOTION_CONFIG", "EDGE_EMOTION_DATA", "EDGE_EMOTION_MQTT_PASSWORD"})
"""Variables of the family that are no keys: the config file itself, where the tests find their data, and a secret."""


@dataclass(frozen=True)
class Given:
    """One raw value: `name` is what the user wrote, `origin` where; `is_flag` decides the exit code."""

    value: Any
    name: str
    origin: str
    is_flag: bool = False

    def __str__(self) -> str:
        return f"{self.name} in {self.origin}" if self.origin else self.name


Layer = dict[str, Given]


def _leaves(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:  # an empty section too: its name may be wrong
            yield f"{prefix}{key}", value


def file_layer(path: Path) -> Layer:
    """The TOML file's keys. Raises ConfigError when it cannot be read or is not TOML."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"The config file {path} cannot be read ({error.strerror}): correct its path or its rights."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The config file {path} is not UTF-8 text: save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f'The config file {path} is not valid TOML: {error}; a line is key = value, and text stands in "quotes".'
        ) from error
    return {key: Given(value, key, str(path)) for key, value in _leaves(table)}


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """EDGE_EMOTION_SYNC__AUDIO_OFFSET_MS is sync.audio_offset_ms; an empty variable is none at all."""
    return {
        name.removeprefix(PREFIX).lower().replace("__", "."): Given(value, name, "the environment")
        for name, value in environ.items()
        if name.startswith(PREFIX) and name not in _NOT_SETTINGS and value
    }


def flags_layer(flags: Mapping[str, Any]) -> Layer:
    """What the command line gave; None means not given."""
    return {
        key: Given(value, "--" + key.replace("_", "-"), "", is_flag=True)
        for key, value in _leaves(flags)
        if value is not None
    }
