"""The student on ONNX Runtime's CPU provider: bounded threads that do not spin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edge.infer.engine import Engine, EngineError, Feeds, check_feeds

_DTYPES = {"tensor(float)": "float32", "tensor(int64)": "int64", "tensor(uint8)": "uint8"}


class OnnxEngine(Engine):
    """One ONNX file. `threads` bounds the threads within an operator; more than one rarely pays for small nets."""

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self.name = f"onnx:{path.name}"
        self._path = path
        self._threads = threads
        self._session: Any = None
        self._shapes: dict[str, tuple[int | None, ...]] = {}
        self._dtypes: dict[str, str] = {}
        self._outputs: list[str] = []

    def activate(self) -> None:
        """Load the file. Raises EngineError."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # A spinning pool burns a core between ticks.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                str(self._path), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime raises many types of its own
            raise EngineError(f"ONNX Runtime cannot load the model {self._path}: {_first_line(error)}") from error
        for entry in self._session.get_inputs():
            self._shapes[entry.name] = tuple(size if isinstance(size, int) else None for size in entry.shape)
            self._dtypes[entry.name] = _DTYPES.get(entry.type, entry.type)
        self._outputs = [entry.name for entry in self._session.get_outputs()]

    def infer(self, feeds: Feeds) -> Feeds:
        """One array per output, by name. Raises EngineError on wrong input or a failed run."""
        if self._session is None:
            raise EngineError(f"{self.name} is not active")
        check_feeds(feeds, self._shapes, self._dtypes)
        try:
            values = self._session.run(self._outputs, feeds)
        except Exception as error:
            raise EngineError(f"{self.name} failed: {_first_line(error)}") from error
        return dict(zip(self._outputs, values, strict=True))

    def deactivate(self) -> None:
        """Free the session."""
        self._session = None


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
