"""Versions of what a result depends on; found without importing any of it."""

from __future__ import annotations

from importlib import metadata

from edge import __version__
from edge.errors import EdgeError


def versions() -> dict[str, str | None]:
    """Package, model (first 8 digits of its sha256), engine, and the libraries; None for what is not there.

    `engine` is what the settings ask for, as far as it can be had: TensorRT wants its module, pycuda and a GPU.
    """
    from edge.board import board

    here = board()
    gpu = here.has_nvidia_gpu and here.tensorrt_python is not None and _installed("pycuda") is not None
    return {
        "package": __version__,
        "model": _model(),
        "engine": "tensorrt" if gpu and _wanted() != "onnx" else "onnx",
        "opencv": _installed("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
        "onnxruntime": _installed("onnxruntime", "onnxruntime-gpu"),
        "tensorrt": here.tensorrt_python or here.tensorrt,
        "l4t": here.l4t,
    }


def _wanted() -> str:
    """The setting `engine`; what it is by default where the settings are wrong: other commands say so."""
    from edge.config import load_settings

    try:
        return load_settings().engine
    except EdgeError:
        return "auto"


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
