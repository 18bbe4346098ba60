"""Training speech through the device's own sound features, once, into a cache; windows of a second out of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.features import denoise, level, mfcc, sound_features, voice
from edge.features import noise as noise_profile
from edge.features.mfcc import MFCC_COUNT
from edge.features.sound_features import sound_matrix
from edge.samples import WINDOW_FRAMES, Floats, SoundFrames
from engines import noise
from engines.cache import cached
from engines.datasets import items
from engines.datasets.items import read_utterances
from engines.datasets.speech import Utterance
from engines.datasets.splits import Part
from engines.noise import noisy_copy
from engines.progress import progress

HOP_FRAMES = 25
VOICED_AT = 0.5
VOICED_SHARE = 0.35
NOISY_SETS = ("ravdess", "emodb")  # nEMO is three times as large as both together
_CODE = (sound_features, denoise, noise_profile, level, mfcc, voice, items, noise, sys.modules[__name__])


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
    files: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, np.str_))
    """Names inside the archives; empty for sounds that come from none."""

    def windows(self, *parts: Part, noisy: bool, hop: int = HOP_FRAMES) -> Windows:
        """All windows of some parts in which somebody speaks; at least one of each utterance."""
        return self.windows_of(np.flatnonzero(np.isin(self.parts, parts) & (noisy | ~self.noisy)), hop)

    def windows_of(self, numbers: NDArray[np.int64], hop: int = HOP_FRAMES) -> Windows:
        """Such windows of the utterances with these numbers."""
        first, owner = [], []
        for number in numbers:
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

    def get(
        self, rows: NDArray[np.int64], shift: NDArray[np.int64] | None = None, pace: NDArray[np.float64] | None = None
    ) -> tuple[Floats, Floats]:
        """Sound (n, 100, 120) and mask (n, 100); windows at an utterance's end are masked beyond it.

        `shift` (n,) moves the windows by frames. `pace` (n,) is how much faster the voice becomes: that many times 100
        frames are squeezed into the window, and the deltas grow as much (the second ones by its square).
        """
        paces = np.ones(len(rows)) if pace is None else pace
        low, high = self.speech.starts[self.owner[rows]], self.speech.starts[self.owner[rows] + 1]
        begins = self.first[rows] + (0 if shift is None else shift)
        begins = np.clip(begins, low, np.maximum(low, high - np.ceil(WINDOW_FRAMES * paces).astype(np.int64)))
        places = begins[:, None] + np.arange(WINDOW_FRAMES) * paces[:, None]
        mask = (places <= high[:, None] - 1).astype(np.float32)
        sound = self._between(np.minimum(places, high[:, None] - 1), high[:, None] - 1)
        if pace is not None:
            sound[:, :, MFCC_COUNT : 2 * MFCC_COUNT] *= paces[:, None, None].astype(np.float32)
            sound[:, :, 2 * MFCC_COUNT :] *= paces[:, None, None].astype(np.float32) ** 2
        return sound * mask[:, :, None], mask

    def _between(self, places: NDArray[np.float64], last: NDArray[np.int64]) -> Floats:
        """Features (n, 100, 120) at fractional frames, by the line between both neighbours."""
        before = places.astype(np.int64)
        share = (places - before).astype(np.float32)[:, :, None]
        sound = self.speech.features[before].astype(np.float32)
        if share.any():
            after = self.speech.features[np.minimum(before + 1, last)].astype(np.float32)
            sound += share * (after - sound)
        return sound


def load_speech(sources: Sequence[Path], cache: Path) -> SpeechSet:
    """All utterances of archives and manifests; about 15 minutes of work for four hours of sound, then cached."""
    loaded = [cached(cache, path.stem, path, _CODE, partial(_prepare, path)) for path in sources]
    ends = np.cumsum([0] + [int(arrays["starts"][-1]) for arrays in loaded])
    starts = [arrays["starts"][:-1] + end for arrays, end in zip(loaded, ends[:-1], strict=True)]
    joined = {key: np.concatenate([arrays[key] for arrays in loaded]) for key in loaded[0] if key != "starts"}
    return SpeechSet(starts=np.concatenate([*starts, ends[-1:]]), **joined)


def _prepare(source: Path) -> dict[str, NDArray[Any]]:
    rows = list(_analysed(source, np.random.default_rng(11)))
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
        "files": np.array([utterance.file for utterance in utterances]),
    }


def _analysed(source: Path, random: np.random.Generator) -> Iterator[tuple[Utterance, SoundFrames, bool]]:
    for utterance, samples in progress(read_utterances(source), source.stem):
        yield utterance, sound_matrix(samples), False
        if utterance.part == "train" and utterance.data_set in NOISY_SETS:
            yield utterance, sound_matrix(noisy_copy(samples, random)), True
