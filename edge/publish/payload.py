"""JSON that every reader can parse: UTF-8, compact, and never NaN or Infinity."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def clean(value: Any) -> Any:
    """The same value in plain JSON types: numpy numbers become Python's, what is not finite becomes None.

    A text that is no Unicode (the name of a file may be any bytes) has `?` for what cannot be said.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {clean(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [clean(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
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
