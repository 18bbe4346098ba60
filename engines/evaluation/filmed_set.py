"""Filmed utterances for judging: crops and sound features, as they are and spoiled, computed once and cached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.features.crop import CROP_PX, face_crop
from edge.features.face import Detector
from edge.samples import Floats, Image
from engines.datasets import av, speech
from engines.datasets.av import FilmedUtterance, filmed_of
from engines.evaluation import conditions, packs, people
from engines.evaluation.conditions import BABBLE_VOICES, PictureNoise, babble, mixed, pink_noise
from engines.evaluation.packs import Pack, Skipped, zip_pack
from engines.evaluation.people import is_subject_held_out
from engines.evaluation.recordings import PICTURE_CODE, SOUND_CODE, Recordings, analysed, remembered
from engines.evaluation.speech import check_sound
from engines.faces import find_detector, most_central
from engines.progress import progress

SOUNDS = ("clean", "noise", "babble")
PICTURES = ("clean", "noise")
_WHAT = "an archive of filmed speech (a zip with crops.csv, crops/ and audio/)"
_COLUMNS = ("key", "subject", "n_frames", "frame_time_s", "audio", "audio_delay_s")
_CODE = (*SOUND_CODE, *PICTURE_CODE, speech, av, conditions, packs, people)
_MARGIN = 0.25


@dataclass(frozen=True)
class Sights:
    """Crops (n, 128, 128) of all utterances end to end, their times, and where each utterance ends."""

    crops: NDArray[np.uint8]
    times_s: Floats
    ends: NDArray[np.int64]

    def place(self, number: int) -> slice:
        """Where the crops of one utterance are."""
        return slice(int(self.ends[number - 1]) if number else 0, int(self.ends[number]))


@dataclass(frozen=True)
class FilmedSet:
    """Utterances whose faces and sounds are known, as they are and spoiled."""

    labels: NDArray[np.int64]
    people: NDArray[np.str_]
    sound_from_s: Floats
    """When the first sample sounds, on the pictures' time."""
    sights: dict[str, Sights]
    """By PICTURES."""
    sounds: dict[str, Recordings]
    """By SOUNDS."""
    skipped: Skipped


def read_filmed(archive: Path, split: str, cache: Path | None) -> FilmedSet:
    """The filmed utterances of a split, with all conditions; what cannot be read is skipped and named.

    Raises UsageError on an archive of another form.
    """
    detector = find_detector(archive.parent)
    what = f"av-{split}-{detector.name}"
    with zip_pack(archive, "crops.csv", "label7", _WHAT, *_COLUMNS) as pack:
        arrays = remembered(cache, what, archive, _CODE, lambda: _prepare(pack, split, detector))
    return FilmedSet(
        labels=arrays["labels"],
        people=arrays["people"],
        sound_from_s=arrays["sound_from_s"],
        sights={
            name: Sights(**{key: arrays[f"{name}_{key}"] for key in ("crops", "times_s", "ends")}) for name in PICTURES
        },
        sounds={
            name: Recordings(arrays[f"{name}_features"], arrays[f"{name}_voice"], arrays[f"{name}_sound_ends"])
            for name in SOUNDS
        },
        skipped=Skipped([(str(file), str(reason)) for file, reason in arrays["skipped"]]),
    )


def _prepare(pack: Pack, split: str, detector: Detector) -> dict[str, NDArray[Any]]:
    skipped = Skipped()
    utterances, subjects = _utterances(pack, split, skipped)
    result: dict[str, NDArray[Any]] = {
        "labels": np.array([one.label for one in utterances], np.int64),
        "people": np.array(subjects, np.str_),
        "sound_from_s": np.array([one.sound_from_s for one in utterances], np.float32),
        "skipped": np.array(skipped.rows, np.str_).reshape(-1, 2),
    }
    for name, noise in (("clean", None), ("noise", PictureNoise())):
        result |= {f"{name}_{key}": value for key, value in _sights(utterances, noise, detector).items()}
    sounds = [one.samples for one in utterances]
    for name in SOUNDS:
        heard = (_under(name, sounds, number) for number in range(len(sounds)))
        arrays = analysed(progress(heard, f"sound of films ({name})", len(sounds)))
        result |= {f"{name}_features": arrays["features"], f"{name}_voice": arrays["voice"]}
        result[f"{name}_sound_ends"] = arrays["ends"]
    return result


def _utterances(pack: Pack, split: str, skipped: Skipped) -> tuple[list[FilmedUtterance], list[str]]:
    """The utterances of a split, and who speaks in each."""
    utterances, subjects = [], []
    for row in pack.rows:
        if split == "all" or is_subject_held_out(row["subject"]):
            try:
                utterance = filmed_of(row, pack.read)
                check_sound(utterance.samples)
                _check_times(utterance)
            except Exception as error:
                skipped.add(row["key"], error)
                continue
            utterances.append(utterance)
            subjects.append(row["subject"])
    return utterances, subjects


def _under(condition: str, sounds: Sequence[Floats], number: int) -> Floats:
    """One utterance as it is, with pink noise, or among other voices; always the same for the same archive."""
    speech_samples = sounds[number]
    n = len(speech_samples)
    if condition == "clean":
        return speech_samples
    if condition == "noise":
        return mixed(speech_samples, pink_noise(n, np.random.default_rng([1, number])))
    others = [(number + step) % len(sounds) for step in range(1, BABBLE_VOICES + 1)]
    return mixed(speech_samples, babble(n, [sounds[other] for other in others]))


def _sights(
    utterances: list[FilmedUtterance], noise: PictureNoise | None, detector: Detector
) -> dict[str, NDArray[Any]]:
    """The arrays of `Sights`: pictures in which no face is found are left out."""
    crops: list[Image] = [np.empty((0, CROP_PX, CROP_PX), np.uint8)]
    times, ends = [], []
    for utterance in progress(utterances, "faces of films"):
        for picture, time_s in zip(utterance.pictures, utterance.times_s, strict=True):
            crop = _crop(picture if noise is None else noise.spoil(picture), detector)
            if crop is not None:
                crops.append(crop[None])
                times.append(float(time_s))
        ends.append(len(times))
    return {"crops": np.concatenate(crops), "times_s": np.array(times, np.float32), "ends": np.array(ends, np.int64)}


def _crop(picture: Image, detector: Detector) -> Image | None:
    """The student's crop of a picture that is all face: a border keeps the face from being cut."""
    border = round(picture.shape[0] * _MARGIN)
    wide = cv2.copyMakeBorder(picture, border, border, border, border, cv2.BORDER_REPLICATE)
    image = np.asarray(wide, np.uint8)
    best = most_central(detector.detect(image), image.shape[1], image.shape[0])
    return None if best is None else face_crop(image, best.landmarks)


def _check_times(utterance: FilmedUtterance) -> None:
    if len(utterance.pictures) != len(utterance.times_s):
        raise ValueError(f"It has {len(utterance.pictures)} pictures but {len(utterance.times_s)} times.")
