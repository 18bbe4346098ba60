"""What training voices are like on the whole: how features are spread, how speakers differ, how often to draw whom."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edge.features.mfcc import MFCC_COUNT
from edge.samples import EMOTIONS, Bools, Floats
from engines.models.audio import remove_level
from engines.sounds import SpeechSet, Windows

_SET_SHARES = {"ravdess": 0.55, "emodb": 0.25, "nemo": 0.2}
_SAMPLE = 2000


def sound_statistics(
    windows: Windows, random: np.random.Generator, prepare: Callable[[Tensor, Tensor], Tensor] = remove_level
) -> tuple[Tensor, Tensor]:
    """Mean and deviation (120,) over the unmasked frames of 2,000 windows, after `prepare`(sound, mask)."""
    sound, mask = (torch.from_numpy(part) for part in windows.get(random.choice(len(windows), _SAMPLE)))
    frames = prepare(sound, mask)[mask > 0]
    return frames.mean(dim=0), frames.std(dim=0).clamp(min=1e-3)


def speaker_deviation(speech: SpeechSet) -> Floats:
    """Deviation (40,) of the static coefficients' means from one training speaker to the next."""
    owner = np.repeat(np.arange(len(speech.labels)), np.diff(speech.starts))
    heard = speech.voiced & (speech.parts[owner] == "train") & ~speech.noisy[owner]
    names = np.char.add(speech.sets, speech.speakers)[owner[heard]]
    statics = speech.features[heard, :MFCC_COUNT]
    means = [statics[names == name].mean(axis=0, dtype=np.float64) for name in np.unique(names)]
    return np.asarray(np.std(means, axis=0), np.float32)


def balance(windows: Windows) -> NDArray[np.float64]:
    """Chance of each window: sets by fixed shares, emotions equally often within a set."""
    sets = windows.speech.sets[windows.owner]
    weight = np.zeros(len(windows))
    for data_set in np.unique(sets):
        inside = sets == data_set
        labels = np.unique(windows.labels[inside])
        for label in labels:
            chosen = inside & (windows.labels == label)
            weight[chosen] = _SET_SHARES.get(str(data_set), 1.0) / len(labels) / chosen.sum()
    chances: NDArray[np.float64] = weight / weight.sum()
    return chances


def possible_labels(speech: SpeechSet) -> Bools:
    """(utterances, 7): which emotions occur at all in an utterance's set (EmoDB has no surprise, nEMO no disgust).

    What a set never holds it cannot teach: neither that it was not surprise, nor that it was.
    """
    possible = np.zeros((len(speech.labels), len(EMOTIONS)), np.bool_)
    for data_set in np.unique(speech.sets):
        rows = speech.sets == data_set
        possible[np.ix_(rows, np.unique(speech.labels[rows]))] = True
    return possible
