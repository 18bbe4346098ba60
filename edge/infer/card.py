"""The student's card: what the two ONNX files are, what they expect, and what to make of their answers."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import EdgeError
from edge.samples import EMOTIONS

MODELS_FOLDER = Path(__file__).parent / "models"
FACE_FILE = "student_face.onnx"
HEAD_FILE = "student_head.onnx"
CARD_FILE = "student.json"
MODALITIES = ("fused", "video", "audio")


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
    def face_path(self) -> Path:
        """The face encoder."""
        return self.folder / FACE_FILE

    @property
    def head_path(self) -> Path:
        """The window head."""
        return self.folder / HEAD_FILE


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
