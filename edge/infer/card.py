"""The student's card: what the two ONNX files are, what they expect, and what to make of their answers."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import EdgeError
from edge.infer.engine import EngineError
from edge.samples import EMOTIONS

MODELS_FOLDER = Path(__file__).parent / "models"
FACE_FILE = "student_face.onnx"
HEAD_FILE = "student_head.onnx"
CARD_FILE = "student.json"
MODALITIES = ("fused", "video", "audio")
GRAPHS = ("face", "head")
PRECISIONS = ("fp32", "fp16", "int8")


@dataclass(frozen=True)
class Card:
    """What the daemon needs of the card. `temperature` has one value per output of MODALITIES.

    `utterance_temperature` divides the mean log-probability of a whole utterance's windows.
    """

    folder: Path
    name: str
    sha256: str
    embedding_size: int
    temperature: dict[str, float]
    utterance_temperature: float
    uncertain_below: float
    raw: dict[str, Any]

    @property
    def precisions(self) -> tuple[str, ...]:
        """Those of PRECISIONS that this student was exported in."""
        return tuple(name for name in PRECISIONS if name == "fp32" or name in self._exported)

    @property
    def _exported(self) -> dict[str, dict[str, Any]]:
        """What the card tells of the other precisions; cards of before had none."""
        told = self.raw.get("precisions")
        return {name: one for name, one in told.items() if isinstance(one, dict)} if isinstance(told, dict) else {}

    def graph_path(self, graph: str, precision: str = "fp32") -> Path:
        """The ONNX file of one of GRAPHS in `precision`, looked through: it is what the card says.

        Raises EngineError when the student was not exported in it, or the file is another one.
        """
        if precision != "fp32":  # that was looked through when the card was read
            self.graph_bytes(graph, precision)
        return self.folder / precision_file(graph, precision)

    def graph_bytes(self, graph: str, precision: str = "fp32") -> bytes:
        """What is in that file: the very bytes that were looked through. Raises EngineError as `graph_path` does."""
        path = self.folder / precision_file(graph, precision)
        if precision not in self.precisions:
            raise EngineError(
                f"The student {self.sha256[:8]} is not there in {precision}, only in {', '.join(self.precisions)}: "
                f"choose one of these, or run `edge-engines export --precisions {precision} --precisions-only`."
            )
        try:
            data = path.read_bytes()
        except OSError as error:
            raise EngineError(f"The model file {path} cannot be read ({error.strerror}): install it again.") from error
        told = self._exported.get(precision, {}).get(f"{graph}_sha256")
        if precision != "fp32" and hashlib.sha256(data).hexdigest() != told:
            raise EngineError(f"The model file {path} is not the one that its card tells of: install it again.")
        return data

    @property
    def face_path(self) -> Path:
        """The face encoder."""
        return self.folder / FACE_FILE

    @property
    def head_path(self) -> Path:
        """The window head."""
        return self.folder / HEAD_FILE


def precision_file(graph: str, precision: str = "fp32") -> str:
    """The name of an ONNX file, like student_face.onnx and student_face.fp16.onnx."""
    return f"student_{graph}.onnx" if precision == "fp32" else f"student_{graph}.{precision}.onnx"


def load_card(folder: Path = MODELS_FOLDER) -> Card:
    """Read the card and check that the files beside it are the ones it describes.

    Raises EdgeError, naming the file, when something is missing, unreadable or not what the card says.
    """
    path = folder / CARD_FILE
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EdgeError(f"the model card {path} cannot be read ({error}); install the package again") from error
    if not isinstance(raw, dict):
        raise EdgeError(f"the model card {path} is a {type(raw).__name__}, not an object; install the package again")
    if raw.get("labels") != list(EMOTIONS):
        raise EdgeError(f"the model card {path} has labels {raw.get('labels')}, expected {list(EMOTIONS)}")
    digest = _files_sha256(folder)
    if digest != raw.get("model_sha256"):
        raise EdgeError(
            f"the model files in {folder} have sha256 {digest[:8]}…, their card says "
            f"{str(raw.get('model_sha256'))[:8]}…; install the package again"
        )
    try:
        return Card(
            folder=folder,
            name=str(raw["name"]),
            sha256=digest,
            embedding_size=int(raw["embedding_size"]),
            temperature={name: _temperature(raw["temperature"][name]) for name in MODALITIES},
            utterance_temperature=_temperature(raw["temperature"].get("utterance", 1.0)),
            uncertain_below=float(raw["uncertain_below"]),
            raw=raw,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise EdgeError(f"the model card {path} lacks or garbles {error}; install the package again") from error


def _temperature(value: Any) -> float:
    """Logits are divided by it. Raises ValueError for what is no positive number."""
    temperature = float(value)
    if not 0.0 < temperature < math.inf:
        raise ValueError(f"temperature {value}")
    return temperature


def _files_sha256(folder: Path) -> str:
    """sha256 over the face encoder's bytes followed by the window head's."""
    digest = hashlib.sha256()
    for name in (FACE_FILE, HEAD_FILE):
        try:
            digest.update((folder / name).read_bytes())
        except OSError as error:
            raise EdgeError(f"the model file {folder / name} cannot be read ({error.strerror})") from error
    return digest.hexdigest()
