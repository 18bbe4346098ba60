"""What a large speech network hears in a voice, as a hint to the small one (Romero et al. 2015, FitNets).

The hints are wav2vec 2.0 embeddings of whole utterances, computed by others; they are optional and never exported.
"""

from __future__ import annotations

from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from edge.errors import UsageError
from edge.samples import Floats
from engines.sounds import SpeechSet

HINTS_FILE = "ravdess_w2v2_audio_emb_dev.npz"
HINT_SIZE = 32


def read_hints(path: Path, speech: SpeechSet, training: NDArray[np.bool_]) -> Floats:
    """(utterances, HINT_SIZE) for `training` utterances that the file names by their stems; NaN for all others.

    Each speaker's own mean is taken away, so that the hint says how he speaks, not who he is; then the principal
    components of the training people follow, with a mean square of 1. Raises UsageError for a file of another form.
    """
    embeddings, known = _embeddings(path, speech)
    taught = training & known
    hints = np.full((len(speech.labels), HINT_SIZE), np.nan, np.float32)
    if taught.any():
        centred = _without_speaker(embeddings[taught], np.char.add(speech.sets, speech.speakers)[taught])
        _, _, axes = np.linalg.svd(centred, full_matrices=False)
        components = centred @ axes[:HINT_SIZE].T
        hints[taught, : components.shape[1]] = components / np.sqrt((components**2).mean())
        hints[taught, components.shape[1] :] = 0.0
    return hints


def _embeddings(path: Path, speech: SpeechSet) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(utterances, size), and whether the file names the utterance."""
    try:
        with np.load(path) as arrays:
            rows = {str(key): row for row, key in enumerate(arrays["key"])}
            values = arrays["emb"].astype(np.float64)
    except (OSError, KeyError, ValueError) as error:
        raise UsageError(f"{path} holds no embeddings (an npz with key and emb): {error}.") from error
    places = np.array([rows.get(PurePath(str(file)).stem, -1) for file in speech.files], np.int64)
    if not len(places):
        places = np.full(len(speech.labels), -1)
    return values[places], places >= 0


def _without_speaker(values: NDArray[np.float64], speakers: NDArray[np.str_]) -> NDArray[np.float64]:
    _, numbers, counts = np.unique(speakers, return_inverse=True, return_counts=True)
    sums = np.zeros((len(counts), values.shape[1]))
    np.add.at(sums, numbers, values)
    centred: NDArray[np.float64] = values - (sums / counts[:, None])[numbers]
    return centred
