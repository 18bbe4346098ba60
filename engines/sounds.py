"""Training speech through the device's own sound features, once, into a cache; windows of a second out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.features import denoise, level, mfcc, sound_features, voice
from edge.features import noise as noise_profile
from edge.features.sound_features import sound_matrix
from edge.samples import FEATURE_SIZE, WINDOW_FRAMES, Floats, SoundFrames
from engines import noise
from engines.cache import cached
from engines.datasets import speech
from engines.datasets.speech import Utterance, read_speech
from engines.datasets.splits import Part
from engines.noise import noisy_copy
from engines.progress import progress

HOP_FRAMES = 25
VOICED_AT = 0.5
VOICED_SHARE = 0.35
NOISY_SETS = ("ravdess", "emodb")  # nEMO is three times as large as both together
_CODE = (sound_features, denoise, noise_profile, level, mfcc, voice, speech, noise)


@dataclass(frozen=True)
class SpeechSet:
    """Utterances of one or more sets, end to end in `features`."""

    features: NDArray[np.float16]
    """(frames, 120): half precision, for memory."""
    voiced: NDArray[np.bool_]
    """(frames,): somebody speaks."""
    starts: NDArray[np.int64]
    """(utterances + 1,): where each utterance begins in `features`."""
    labels: NDArray[np.int64]
    parts: NDArray[np.str_]
    sets: NDArray[np.str_]
    speakers: NDArray[np.str_]
    noisy: NDArray[np.bool_]
    """Whether this is the copy with another level and added noise."""

    def windows(self, part: Part, *, noisy: bool, hop: int = HOP_FRAMES) -> Windows:
        """All windows of a part in which somebody speaks; at least one of each utterance."""
        first, owner = [], []
        for number in np.flatnonzero((self.parts == part) & (noisy | ~self.noisy)):
            begins = self._begins(int(number), hop)
            first.extend(begins)
            owner.extend([int(number)] * len(begins))
        owners = np.array(owner, np.int64)
        return Windows(self, np.array(first, np.int64), owners, self.labels[owners])

    def _begins(self, number: int, hop: int) -> list[int]:
        low, high = int(self.starts[number]), int(self.starts[number + 1])
        begins = np.arange(low, max(low, high - WINDOW_FRAMES) + 1, hop)
        share = np.array([self.voiced[at : min(at + WINDOW_FRAMES, high)].mean() for at in begins])
        kept = begins[share >= VOICED_SHARE]
        return [int(at) for at in (kept if len(kept) else begins[[share.argmax()]])]


@dataclass(frozen=True)
class Windows:
    """Windows of a SpeechSet: where each begins, and whose it is."""

    speech: SpeechSet
    first: NDArray[np.int64]
    owner: NDArray[np.int64]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.first)

    def get(self, rows: NDArray[np.int64], shift: NDArray[np.int64] | None = None) -> tuple[Floats, Floats]:
        """Sound (n, 100, 120) and mask (n, 100); windows at an utterance's end are masked beyond it."""
        sound = np.zeros((len(rows), WINDOW_FRAMES, FEATURE_SIZE), np.float32)
        mask = np.zeros((len(rows), WINDOW_FRAMES), np.float32)
        moved = np.zeros(len(rows), np.int64) if shift is None else shift
        for place, (row, move) in enumerate(zip(rows, moved, strict=True)):
            low, high = self.speech.starts[self.owner[row]], self.speech.starts[self.owner[row] + 1]
            begin = int(np.clip(self.first[row] + move, low, max(low, high - WINDOW_FRAMES)))
            taken = self.speech.features[begin : min(begin + WINDOW_FRAMES, high)]
            sound[place, : len(taken)] = taken
            mask[place, : len(taken)] = 1.0
        return sound, mask


def load_speech(archives: Sequence[Path], cache: Path) -> SpeechSet:
    """All utterances of the archives; about 15 minutes of work for four hours of sound, then cached."""
    loaded = [cached(cache, path.stem, path, _CODE, partial(_prepare, path)) for path in archives]
    ends = np.cumsum([0] + [int(arrays["starts"][-1]) for arrays in loaded])
    starts = [arrays["starts"][:-1] + end for arrays, end in zip(loaded, ends[:-1], strict=True)]
    joined = {key: np.concatenate([arrays[key] for arrays in loaded]) for key in loaded[0] if key != "starts"}
    return SpeechSet(starts=np.concatenate([*starts, ends[-1:]]), **joined)


def _prepare(archive: Path) -> dict[str, NDArray[Any]]:
    rows = list(_analysed(archive, np.random.default_rng(11)))
    utterances = [utterance for utterance, _, _ in rows]
    lengths = [len(frames.features) for _, frames, _ in rows]
    return {
        "features": np.concatenate([frames.features for _, frames, _ in rows]).astype(np.float16),
        "voiced": np.concatenate([frames.voice >= VOICED_AT for _, frames, _ in rows]),
        "starts": np.cumsum([0, *lengths]).astype(np.int64),
        "labels": np.array([utterance.label for utterance in utterances], np.int64),
        "parts": np.array([utterance.part for utterance in utterances]),
        "sets": np.array([utterance.data_set for utterance in utterances]),
        "speakers": np.array([utterance.speaker for utterance in utterances]),
        "noisy": np.array([is_noisy for _, _, is_noisy in rows]),
    }


def _analysed(archive: Path, random: np.random.Generator) -> Iterator[tuple[Utterance, SoundFrames, bool]]:
    for utterance, samples in progress(read_speech(archive), archive.stem):
        yield utterance, sound_matrix(samples), False
        if utterance.part == "train" and utterance.data_set in NOISY_SETS:
            yield utterance, sound_matrix(noisy_copy(samples, random)), True
