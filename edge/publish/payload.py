"""JSON that every reader can parse: UTF-8, compact, and never NaN or Infinity."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

Message = dict[str, Any]
"""One payload, before it is JSON."""


def clean(value: Any) -> Any:
    """The same value in plain JSON types: numpy numbers become Python's, what is not finite becomes None.

    A text that is no Unicode (the name of a file may be any bytes) has `?` for what cannot be said.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {clean(str(key)): clean(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # numpy's arrays and numbers; who has none of them need not import it
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def encode(value: Any) -> str:
    """One line of JSON without spaces."""
    return json.dumps(clean(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def rounded(value: float | None, digits: int) -> float | None:
    """`value` rounded, None when it is unknown or not finite; never a negative zero."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits) + 0.0
