"""What explaining needs beyond the device's packages."""

from __future__ import annotations

from importlib.util import find_spec

from edge.errors import UsageError

PACKAGES = ("torch", "onnx", "shap", "matplotlib")


def require_extras() -> None:
    """Raises UsageError that names what is missing and how to install it."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise UsageError(f"explain needs {', '.join(missing)}: pip install 'edge-emotion[train,explain]'.")
