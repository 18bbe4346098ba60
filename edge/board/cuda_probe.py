"""A program of its own, on Python's own library alone: asks libcuda what it can, and says it in one line of JSON.

Whatever the driver does, hang or crash, happens to this process. What libraries print goes to standard error.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

LIBRARY = "libcuda.so.1"
_CAPABILITY_MAJOR, _CAPABILITY_MINOR, _INTEGRATED = 75, 76, 18  # CUdevice_attribute in cuda.h
_MOST_DEVICES = 64
_NAME_BYTES = 256


def probe() -> dict[str, Any]:
    """Keys: loaded, error (of the loader), code (of cuInit), name, driver (1000 × major + 10 × minor), devices."""
    try:
        cuda = ctypes.CDLL(LIBRARY)
        code = int(cuda.cuInit(ctypes.c_uint(0)))
    except (OSError, AttributeError) as error:
        return {"loaded": False, "error": str(error)}
    said: dict[str, Any] = {"loaded": True, "code": code, "name": _error_name(cuda, code)}
    said["driver"] = _integer(cuda, "cuDriverGetVersion")
    said["devices"] = _devices(cuda) if code == 0 else []
    return said


def _error_name(cuda: ctypes.CDLL, code: int) -> str | None:
    text = ctypes.c_char_p()
    try:
        known = cuda.cuGetErrorName(ctypes.c_int(code), ctypes.byref(text)) == 0
    except AttributeError:
        return None
    return text.value.decode("ascii", "replace") if known and text.value else None


def _integer(cuda: ctypes.CDLL, function: str, *arguments: Any) -> int | None:
    """What `function` writes to its first argument, None when it fails or is not there."""
    value = ctypes.c_int(0)
    try:
        return value.value if getattr(cuda, function)(ctypes.byref(value), *arguments) == 0 else None
    except AttributeError:
        return None


def _devices(cuda: ctypes.CDLL) -> list[dict[str, Any]]:
    found = []
    for ordinal in range(min(_integer(cuda, "cuDeviceGetCount") or 0, _MOST_DEVICES)):
        device = _integer(cuda, "cuDeviceGet", ctypes.c_int(ordinal))
        if device is None:
            continue
        name = ctypes.create_string_buffer(_NAME_BYTES)
        cuda.cuDeviceGetName(name, ctypes.c_int(_NAME_BYTES - 1), ctypes.c_int(device))
        major, minor, integrated = (
            _integer(cuda, "cuDeviceGetAttribute", ctypes.c_int(attribute), ctypes.c_int(device))
            for attribute in (_CAPABILITY_MAJOR, _CAPABILITY_MINOR, _INTEGRATED)
        )
        text = name.value.decode("utf-8", "replace")
        found.append({"name": text, "major": major, "minor": minor, "integrated": bool(integrated)})
    return found


if __name__ == "__main__":
    answer = os.dup(1)
    os.dup2(2, 1)
    os.write(answer, json.dumps(probe()).encode())
    sys.stdout.flush()
    os._exit(0)  # drivers that crash while they are unloaded have answered all the same
