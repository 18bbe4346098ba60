"""The effective settings as a TOML file that could be used as it stands, but for the secrets in it."""

from __future__ import annotations

import json
from typing import Any

from edge.config.model import Settings
from edge.config.secrets import masked


def as_toml(settings: Settings) -> str:
    """All keys in their order, sections last; a key that is not set stands in a comment."""
    table = settings.model_dump(mode="json", by_alias=True)
    lines = [_line(key, value) for key, value in table.items() if not isinstance(value, dict)]
    for section, keys in table.items():
        if isinstance(keys, dict):
            lines += ["", f"[{section}]", *(_line(key, value) for key, value in keys.items())]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    if value is None:
        return f"# {key} is not set"
    # JSON's text, numbers and booleans are TOML's too.
    return f"{key} = {json.dumps(masked(value) if isinstance(value, str) else value)}"
