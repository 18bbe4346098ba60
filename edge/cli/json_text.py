"""JSON on standard output, for people to read too."""

from __future__ import annotations

import json


def print_json(value: object) -> None:
    """Print `value` over several lines, with letters of all languages as they are."""
    print(json.dumps(value, indent=2, ensure_ascii=False))
