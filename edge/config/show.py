"""The effective settings as a TOML file that could be used as it stands, but for the secrets in it."""

from __future__ import annotations

import json
import re
from typing import Any

from edge.config.model import Settings

_PASSWORD = re.compile(r"(?<=://)([^/@:]*):.*@")


def without_password(text: str) -> str:
    """The password of any URL in `text` replaced by ***."""
    return _PASSWORD.sub(r"\1:***@", text)


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
    return f"{key} = {json.dumps(without_password(value) if isinstance(value, str) else value)}"
