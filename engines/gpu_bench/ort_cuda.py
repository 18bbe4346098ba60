"""The student on ONNX Runtime's CUDA provider, for comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edge.infer.engine import Engine, EngineError, Feeds

PROVIDER = "CUDAExecutionProvider"


class OrtCudaEngine(Engine):
    """One ONNX file; feeds and answers lie in the host's memory, as in every engine."""

    def __init__(self, path: Path) -> None:
        self.name = f"onnx-cuda:{path.name}"
        self._path = path
        self._session: Any = None

    def activate(self) -> None:
        """Load the file. Raises EngineError where ONNX Runtime would take its CPU provider instead."""
        import onnxruntime

        if PROVIDER not in onnxruntime.get_available_providers():
            raise EngineError(
                f"This ONNX Runtime ({onnxruntime.__version__}) has no {PROVIDER}: install onnxruntime-gpu in a "
                "venv of its own to have this row."
            )
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(str(self._path), sess_options=options, providers=[PROVIDER])
        except Exception as error:  # ONNX Runtime raises many types of its own
            raise EngineError(f"ONNX Runtime cannot load {self._path.name} for CUDA: {_line(error)}.") from error
        if session.get_providers()[0] != PROVIDER:
            raise EngineError("ONNX Runtime could not start its CUDA provider and took the CPU: look at its warnings.")
        self._session = session

    def infer(self, feeds: Feeds) -> Feeds:
        """One array per output, by name. Raises EngineError when it fails."""
        names = [entry.name for entry in self._session.get_outputs()]
        try:
            return dict(zip(names, self._session.run(names, feeds), strict=True))
        except Exception as error:
            raise EngineError(f"{self.name} failed: {_line(error)}.") from error

    def deactivate(self) -> None:
        """Free the session."""
        self._session = None


def _line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0].rstrip(".")
