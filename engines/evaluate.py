"""Judges a student's ONNX files on people and pictures it was not trained on, through the device's own features."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.features.crop import face_crop
from edge.features.face import Detector
from edge.features.sound_features import sound_matrix
from edge.infer.card import MODALITIES, load_card
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.verdict import softmax
from edge.samples import EMOTIONS, FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES, Floats, Image, SoundFrames
from engines.datasets.av import FilmedUtterance, read_filmed
from engines.datasets.fer2013 import read_fer2013
from engines.datasets.speech import read_speech
from engines.faces import find_detector, most_central, small_picture_crop
from engines.metrics import figures
from engines.progress import progress
from engines.sounds import HOP_FRAMES, VOICED_AT, VOICED_SHARE

_BATCH = 64
_MARGIN = 0.25
_FRAME_S = 0.01
_WINDOW_S = 1.0


@dataclass(frozen=True)
class HeadInput:
    """Windows ready for the head; a modality that is absent is masked."""

    embeddings: Floats
    video_mask: Floats
    sound: Floats
    sound_mask: Floats


class Judge:
    """The two networks of one model folder, calibrated as its card says. Raises EdgeError for a broken folder."""

    def __init__(self, folder: Path) -> None:
        self.card = load_card(folder)
        self._face = OnnxEngine(self.card.face_path)
        self._head = OnnxEngine(self.card.head_path)
        self._face.activate()
        self._head.activate()

    def embeddings(self, crops: Sequence[Image]) -> Floats:
        """(n, E) of crops (128, 128)."""
        parts = [np.empty((0, self.card.embedding_size), np.float32)]
        for at in range(0, len(crops), _BATCH):
            batch = np.stack(crops[at : at + _BATCH])[:, None].astype(np.float32)
            parts.append(np.asarray(self._face.infer({"crops": batch})["embeddings"], np.float32))
        return np.concatenate(parts)

    def probabilities(self, windows: HeadInput) -> dict[str, Floats]:
        """Calibrated (n, 7) of each output."""
        parts: dict[str, list[Floats]] = {name: [np.empty((0, len(EMOTIONS)), np.float32)] for name in MODALITIES}
        for at in range(0, len(windows.sound), _BATCH):
            chosen = slice(at, at + _BATCH)
            feeds = {name: value[chosen] for name, value in vars(windows).items()}
            for name, logits in self._head.infer(feeds).items():
                parts[name].append(softmax(logits, self.card.temperature[name]))
        return {name: np.concatenate(values) for name, values in parts.items()}


def pictures_only(embeddings: Floats) -> HeadInput:
    """One window for each embedding (n, E): the same face in all slots, and no sound."""
    n = len(embeddings)
    slots = np.repeat(embeddings[:, None], VIDEO_SLOTS, axis=1)
    sound = np.zeros((n, WINDOW_FRAMES, FEATURE_SIZE), np.float32)
    return HeadInput(slots, np.ones((n, VIDEO_SLOTS), np.float32), sound, np.zeros((n, WINDOW_FRAMES), np.float32))


def evaluate_fer2013(judge: Judge, archive: Path, split: str = "test", most: int | None = None) -> dict[str, Any]:
    """Figures of single pictures; `most` takes that many, evenly spread."""
    pixels, pictures = read_fer2013(archive)
    rows = [row for row, p in enumerate(pictures) if p.judged and split in {"all", p.part}]
    rows = rows if most is None else rows[:: max(1, len(rows) // most)][:most]
    detector = find_detector(archive.parent)
    crops = [small_picture_crop(pixels[row], detector)[0] for row in progress(rows, "faces of FER2013")]
    answers = judge.probabilities(pictures_only(judge.embeddings(crops)))["video"]
    return figures(np.array([pictures[row].label for row in rows], np.int64), answers)


def evaluate_speech(judge: Judge, archive: Path, split: str = "test", most: int | None = None) -> dict[str, Any]:
    """Figures of whole utterances; under `windows` those of single seconds. `most` takes that many, evenly spread."""
    taken = [(u, x) for u, x in read_speech(archive) if split in {"all", u.part}]
    taken = taken if most is None else taken[:: max(1, len(taken) // most)][:most]
    truth, answers = [], []
    for utterance, samples in progress(taken, archive.stem):
        windows = sound_windows(sound_matrix(samples), judge.card.embedding_size)
        truth.append(utterance.label)
        answers.append(judge.probabilities(windows)["audio"])
    return _utterances_and_windows(truth, answers)


def evaluate_av(judge: Judge, archive: Path) -> dict[str, Any]:
    """Figures of filmed utterances: by face and voice (`both`), by `video` and by `audio` alone."""
    detector = find_detector(archive.parent)
    truth: list[int] = []
    answers: dict[str, list[Floats]] = {"both": [], "video": [], "audio": []}
    for utterance in progress(read_filmed(archive), archive.stem):
        said = judge.probabilities(filmed_windows(judge, utterance, detector))
        truth.append(utterance.label)
        answers["both"].append(said["fused"])
        answers["video"].append(said["video"])
        answers["audio"].append(said["audio"])
    return {name: _utterances_and_windows(truth, values) for name, values in answers.items()}


def sound_windows(frames: SoundFrames, embedding_size: int) -> HeadInput:
    """The seconds of a recording in which somebody speaks (at least one), without picture."""
    first = voiced_windows(frames)
    sound = np.zeros((len(first), WINDOW_FRAMES, FEATURE_SIZE), np.float32)
    mask = np.zeros((len(first), WINDOW_FRAMES), np.float32)
    for place, begin in enumerate(first):
        taken = frames.features[begin : begin + WINDOW_FRAMES]
        sound[place, : len(taken)] = taken
        mask[place, : len(taken)] = 1.0
    slots = np.zeros((len(first), VIDEO_SLOTS, embedding_size), np.float32)
    return HeadInput(slots, np.zeros((len(first), VIDEO_SLOTS), np.float32), sound, mask)


def voiced_windows(frames: SoundFrames) -> NDArray[np.int64]:
    """First frames of windows with speech, a quarter of a second apart; the most voiced one if none has enough."""
    begins = np.arange(0, max(0, len(frames.features) - WINDOW_FRAMES) + 1, HOP_FRAMES)
    voiced = frames.voice >= VOICED_AT
    share = np.array([voiced[at : at + WINDOW_FRAMES].mean() for at in begins])
    kept = begins[share >= VOICED_SHARE]
    return kept if len(kept) else begins[[share.argmax()]]


def filmed_windows(judge: Judge, utterance: FilmedUtterance, detector: Detector) -> HeadInput:
    """The voiced seconds of a film with the pictures that fall into them, each in its slot."""
    frames = sound_matrix(utterance.samples)
    windows = sound_windows(frames, judge.card.embedding_size)
    crops, times_s = _crops(utterance, detector)
    embeddings = judge.embeddings(crops)
    for place, begin in enumerate(voiced_windows(frames)):
        slots = np.floor((times_s - utterance.sound_from_s - begin * _FRAME_S) * VIDEO_SLOTS / _WINDOW_S).astype(int)
        inside = (slots >= 0) & (slots < VIDEO_SLOTS)
        windows.embeddings[place, slots[inside]] = embeddings[inside]
        windows.video_mask[place, slots[inside]] = 1.0
    return windows


def _crops(utterance: FilmedUtterance, detector: Detector) -> tuple[list[Image], Floats]:
    """The student's crops of the pictures in which a face is found, and their times."""
    crops, times = [], []
    for picture, time_s in zip(utterance.pictures, utterance.times_s, strict=True):
        border = round(picture.shape[0] * _MARGIN)
        wide = cv2.copyMakeBorder(picture, border, border, border, border, cv2.BORDER_REPLICATE)
        image = np.asarray(wide, np.uint8)
        best = most_central(detector.detect(image), image.shape[1], image.shape[0])
        if best is not None:
            crops.append(face_crop(image, best.landmarks))
            times.append(float(time_s))
    return crops, np.array(times, np.float32)


def _utterances_and_windows(truth: list[int], answers: list[Floats]) -> dict[str, Any]:
    """An utterance's verdict is the mean log-probability of its windows."""
    whole = np.stack([softmax(np.log(rows + 1e-9).mean(axis=0), 1.0) for rows in answers])
    each = np.repeat(np.array(truth, np.int64), [len(rows) for rows in answers])
    windows = figures(each, np.concatenate(answers))
    return {**figures(np.array(truth, np.int64), whole), "windows": windows}


def evaluate(
    folder: Path, *, fer2013: Path | None, speech: Iterable[Path], av: Path | None, split: str = "test"
) -> dict[str, Any]:
    """All figures of the model in `folder` on the archives that are given."""
    judge = Judge(folder)
    result: dict[str, Any] = {}
    if fer2013 is not None:
        result["fer2013"] = evaluate_fer2013(judge, fer2013, split)
    sets = {path.stem.split("_")[0]: evaluate_speech(judge, path, split) for path in speech}
    if sets:
        result["speech"] = sets
    if av is not None:
        result["av"] = evaluate_av(judge, av)
    return result
