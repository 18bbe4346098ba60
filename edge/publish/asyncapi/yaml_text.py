"""JSON values as YAML for people: block style, and every string quoted that YAML could take for something else."""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = re.compile(r"\$?[A-Za-z][A-Za-z0-9_./ -]*(?<! )")
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
# json.dumps leaves these as they are; in YAML they are line breaks or not allowed.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_FLOW_WIDTH = 100


def as_yaml(value: Any) -> str:
    """`value`, of JSON types, as a YAML document that loads as the same value."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [line for key, item in value.items() for line in _entry(f"{_scalar(str(key))}:", item)]
    if isinstance(value, list) and value:
        flow = _flow(value)
        if flow is not None:
            return [flow]
        return [("- " if at == 0 else "  ") + line for item in value for at, line in enumerate(_lines(item))]
    return [_scalar(value)]


def _entry(head: str, item: Any) -> list[str]:
    lines = _lines(item)
    if not isinstance(item, (dict, list)) or not item or (isinstance(item, list) and lines == [_flow(item)]):
        return [f"{head} {lines[0]}"]
    return [head, *(f"  {line}" for line in lines)]


def _flow(items: list[Any]) -> str | None:
    """`[a, b]` for a short list of scalars."""
    if any(isinstance(item, (dict, list)) for item in items):
        return None
    line = f"[{', '.join(map(_scalar, items))}]"
    return line if len(line) <= _FLOW_WIDTH else None


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if isinstance(value, float) and "e" in text and "." not in text:
        text = text.replace("e", ".0e")  # 1e+22 would be a string to YAML 1.1
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
