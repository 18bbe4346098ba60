"""What int8 is calibrated with: faces and voices of people that the student was trained on, nobody else's."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from edge.infer.engine import Engine, Feeds
from edge.samples import FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES, Floats
from engines.archives import Archives
from engines.datasets.splits import person_part
from engines.evaluation.fer2013 import read_pictures, thinned
from engines.evaluation.speech import read_spoken
from engines.evaluation.windows import voiced_windows
from engines.faces import find_detector, small_picture_crop
from engines.progress import progress

PICTURES, UTTERANCES = 512, 160
"""Of FER2013, and of each speech set, evenly spread."""
_BATCH = 32


@dataclass(frozen=True)
class CalibrationSet:
    """Feeds for both graphs, in batches, and a sentence about where they come from."""

    face: list[Feeds]
    head: list[Feeds]
    source: str


@dataclass
class _Seconds:
    """Seconds of speech: (n, 100, 120) and (n, 100)."""

    sound: list[Floats] = field(default_factory=list)
    mask: list[Floats] = field(default_factory=list)

    def add(self, features: Floats) -> None:
        sound, mask = np.zeros((WINDOW_FRAMES, FEATURE_SIZE), np.float32), np.zeros(WINDOW_FRAMES, np.float32)
        sound[: len(features)], mask[: len(features)] = features, 1.0
        self.sound.append(sound)
        self.mask.append(mask)


def calibration_set(archives: Archives, face: Engine) -> CalibrationSet:
    """`face` is the fp32 encoder, active: the head is calibrated with its embeddings. Raises UsageError."""
    crops, seconds = _crops(archives), _speech(archives)
    embeddings = np.concatenate([face.infer(feeds)["embeddings"] for feeds in crops])
    head = [_windows(embeddings, seconds, begin) for begin in range(0, len(seconds.sound), _BATCH)]
    source = f"{len(embeddings)} pictures of FER2013 and {len(seconds.sound)} seconds of speech, all of training people"
    return CalibrationSet(crops, head, source)


def _crops(archives: Archives) -> list[Feeds]:
    pictures = read_pictures(archives.fer2013)
    detector = find_detector(archives.fer2013.parent)
    chosen = thinned(np.flatnonzero(pictures.certain & ~pictures.held_out), PICTURES)
    numbers = progress(chosen, "faces of FER2013")
    crops = np.stack([small_picture_crop(pictures.pixels[number], detector)[0] for number in numbers])
    return [{"crops": crops[at : at + _BATCH, None].astype(np.float32)} for at in range(0, len(crops), _BATCH)]


def _speech(archives: Archives) -> _Seconds:
    """The most voiced second of each utterance."""
    seconds = _Seconds()
    for archive in archives.speech:
        spoken = read_spoken(archive, "all", UTTERANCES, cache=None)
        for number, person in enumerate(spoken.people):
            if person_part(spoken.data_set, str(person)) != "train":
                continue
            features, voice = spoken.recordings.one(number)
            begins, share = voiced_windows(voice)
            begin = int(begins[share.argmax()])
            seconds.add(features[begin : begin + WINDOW_FRAMES])
    return seconds


def _windows(embeddings: Floats, seconds: _Seconds, begin: int) -> Feeds:
    """Each second beside another face: ranges are what counts, not who belongs to whom."""
    sound = np.stack(seconds.sound[begin : begin + _BATCH])
    faces = np.resize(np.roll(embeddings, -begin, axis=0), (len(sound), embeddings.shape[1]))
    return {
        "embeddings": np.repeat(faces[:, None], VIDEO_SLOTS, axis=1),
        "video_mask": np.ones((len(sound), VIDEO_SLOTS), np.float32),
        "sound": sound,
        "sound_mask": np.stack(seconds.mask[begin : begin + _BATCH]),
    }
