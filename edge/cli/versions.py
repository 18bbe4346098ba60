"""Versions of what a result depends on; found without importing any of it."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from edge import __version__
from edge.errors import EdgeError

_L4T_RELEASE = Path("/etc/nv_tegra_release")


def versions() -> dict[str, str | None]:
    """Package, model (first 8 digits of its sha256), engine, and the libraries; None for what is not there."""
    tensorrt = _installed("tensorrt")
    return {
        "package": __version__,
        "model": _model(),
        "engine": "tensorrt" if tensorrt else "onnx",
        "opencv": _installed("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
        "onnxruntime": _installed("onnxruntime", "onnxruntime-gpu"),
        "tensorrt": tensorrt,
        "l4t": l4t_release(),
    }


def _installed(*names: str) -> str | None:
    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def _model() -> str | None:
    from edge.infer.card import load_card

    try:
        return load_card().sha256[:8]
    except EdgeError:
        return None


def l4t_release(path: Path = _L4T_RELEASE) -> str | None:
    """36.4.3 from "# R36 (release), REVISION: 4.3, …"; None on anything but a Jetson."""
    try:
        found = re.search(r"R(\d+) \(release\), REVISION: ([\d.]+)", path.read_text(encoding="utf-8"))
    except OSError:
        return None
    return f"{found[1]}.{found[2]}" if found else None
