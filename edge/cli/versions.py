"""Versions of what a result depends on; found without importing any of it."""

from __future__ import annotations

from importlib import metadata
from importlib.util import find_spec

from edge import __version__
from edge.board import Board, board
from edge.errors import EdgeError


def versions() -> dict[str, str | None]:
    """Package, model (first 8 digits of its sha256), engine, and the libraries; None for what is not there.

    `engine` is what the settings ask for, as far as it can be had here.
    """
    here = board()
    return {
        "package": __version__,
        "model": _model(),
        "engine": "tensorrt" if _wanted() != "onnx" and _runs_tensorrt(here) else "onnx",
        "opencv": _installed("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
        "onnxruntime": _installed("onnxruntime", "onnxruntime-gpu"),
        "tensorrt": here.tensorrt_python or here.tensorrt,
        "l4t": here.l4t,
    }


def _runs_tensorrt(here: Board) -> bool:
    """Whether its module, pycuda and a GPU that answers to CUDA are there; the last is asked only after the others."""
    if not here.has_nvidia_gpu or not all(find_spec(module) for module in ("tensorrt", "pycuda")):
        return False
    from edge.board.gpu import cu_init

    return cu_init(on_jetson=here.is_jetson).works


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
