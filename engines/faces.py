"""Training faces through the device's own crop, once, into a cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.features import crop
from edge.features.crop import CROP_PX, TEMPLATE, face_crop
from edge.features.face import Detector, make_detector
from edge.samples import Detection, Floats, Image
from engines.cache import cached
from engines.datasets import fer2013, items
from engines.datasets.av import FilmedUtterance
from engines.datasets.fer2013 import Picture
from engines.datasets.item import Item
from engines.datasets.items import films, in_parts, open_manifest, read_faces
from engines.datasets.splits import Part
from engines.progress import progress

POOLED_SIDE = 64
_ENLARGED = 160
_BORDER = 40
_FILM_PICTURES_PER_S = 2.0


@dataclass(frozen=True)
class FaceSet:
    """Faces of one or more data sets, row by row."""

    pooled: NDArray[np.uint8]
    """(n, 64, 64): crops as `face_encoder.pool_crops` would leave them."""
    targets: Floats
    """(n, 7) soft labels."""
    labels: NDArray[np.int64]
    parts: NDArray[np.str_]
    usable: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    found: NDArray[np.bool_]
    """Whether the detector saw the face; the template's landmarks were used otherwise."""

    def rows(self, part: Part, *, judged: bool = False) -> NDArray[np.int64]:
        """Indices of a part: those to train on, or those to judge by."""
        return np.flatnonzero((self.parts == part) & (self.judged if judged else self.usable))


def find_detector(folder: Path) -> Detector:
    """YuNet's model beside the data when there is one, else the best that is installed."""
    models = sorted(folder.glob("face_detection_yunet*.onnx"))
    return make_detector("yunet", models[-1]) if models else make_detector()


def load_faces(sources: Sequence[Path], cache: Path) -> FaceSet:
    """All faces of archives and prepared manifests; FER2013 takes two minutes at first, a second from then on."""
    code = [crop, fer2013, items]
    loaded = [cached(cache, f"faces-{path.stem}", path, code, partial(_prepare, path)) for path in sources]
    return FaceSet(**{part.name: np.concatenate([arrays[part.name] for arrays in loaded]) for part in fields(FaceSet)})


def _prepare(source: Path) -> dict[str, NDArray[np.generic]]:
    faces = list(_faces(source, find_detector(source.parent)))
    pictures = [picture for picture, _, _ in faces]
    return {
        "pooled": np.array([pool_crop(face) for _, face, _ in faces], np.uint8).reshape(-1, POOLED_SIDE, POOLED_SIDE),
        "targets": np.stack([picture.target for picture in pictures]),
        "labels": np.array([picture.label for picture in pictures], np.int64),
        "parts": np.array([picture.part for picture in pictures]),
        "usable": np.array([picture.usable for picture in pictures]),
        "judged": np.array([picture.judged for picture in pictures]),
        "found": np.array([found for _, _, found in faces], np.bool_),
    }


def _faces(source: Path, detector: Detector) -> Iterator[tuple[Picture, Image, bool]]:
    """Who it is, the crop, and whether the detector found the face: of pictures, and of a few frames of each film."""
    images, pictures = read_faces(source)
    for image, picture in progress(list(zip(images, pictures, strict=True)), f"faces of {source.stem}"):
        yield picture, *small_picture_crop(image, detector)
    number = len(pictures)
    for item, film in progress(_films(source), "faces of films"):
        for frame in film.pictures:
            best = most_central(detector.detect(frame), frame.shape[1], frame.shape[0])
            if best is not None:
                part = cast(Part, item.split)
                yield (
                    Picture(number, part, item.label, item.target, item.usable, item.judged),
                    face_crop(frame, best.landmarks),
                    True,
                )
                number += 1


def _films(source: Path) -> Iterator[tuple[Item, FilmedUtterance]]:
    return films(in_parts(open_manifest(source)), pictures_per_s=_FILM_PICTURES_PER_S)


def small_picture_crop(picture: Image, detector: Detector) -> tuple[Image, bool]:
    """Crop (128, 128) of a picture that is all face (48×48 in FER2013), and whether the detector found that face.

    The picture is brought to one size and given a border, so that a face that fills it is neither too small nor cut.
    """
    scale = _ENLARGED / max(picture.shape[:2])
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how)
    large = cv2.copyMakeBorder(large, _BORDER, _BORDER, _BORDER, _BORDER, cv2.BORDER_REPLICATE)
    gray = np.asarray(large, np.uint8)
    best = most_central(detector.detect(np.repeat(gray[:, :, None], 3, axis=2)), gray.shape[1], gray.shape[0])
    landmarks = _template_landmarks() if best is None else best.landmarks
    return face_crop(gray, landmarks), best is not None


def most_central(detections: list[Detection], width: int, height: int) -> Detection | None:
    """The large detection nearest to the middle of the picture, or None when there is none."""

    def offence(face: Detection) -> float:
        x = face.box.x + face.box.width / 2 - width / 2
        y = face.box.y + face.box.height / 2 - height / 2
        return float(np.hypot(x, y)) - face.box.width / 2

    return min(detections, key=offence, default=None)


def pool_crop(face: Image) -> Image:
    """(128, 128) to (64, 64) by the same overlapping means as `face_encoder.pool_crops`, rounded to whole grays."""
    means = cv2.boxFilter(face, cv2.CV_32F, (4, 4), anchor=(1, 1), borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(np.rint(means[::2, ::2]), np.uint8)


def _template_landmarks() -> Floats:
    scale = _ENLARGED / CROP_PX
    return (TEMPLATE * scale + _BORDER).astype(np.float32)
