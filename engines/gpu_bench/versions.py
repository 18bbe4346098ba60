"""Versions of all that takes part."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("onnxruntime", "onnxruntime-gpu", "tensorrt", "pycuda", "torch", "numpy")


def versions() -> dict[str, str]:
    """By name; what is not installed is not there."""
    found = {"Python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
