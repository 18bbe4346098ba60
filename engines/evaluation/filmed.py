"""Judges filmed speech by face and voice, by each alone, and under worse conditions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.samples import Floats
from engines.evaluation.answers import Answers
from engines.evaluation.bootstrap import gain_over_better
from engines.evaluation.conditions import BABBLE_VOICES, SNR_DB, PictureNoise
from engines.evaluation.filmed_set import FilmedSet, read_filmed
from engines.evaluation.judge import HeadInput, Model
from engines.evaluation.windows import put_pictures, sound_windows, voiced_windows, whole_utterance
from engines.progress import progress

CONDITIONS = {
    "both": ("clean", "clean", "fused"),
    "video": ("clean", "clean", "video"),
    "audio": ("clean", "clean", "audio"),
    "noisy_video": ("noise", "clean", "fused"),
    "noisy_sound": ("clean", "noise", "fused"),
    "babble": ("clean", "babble", "fused"),
}
"""Name of each block: pictures (filmed_set.PICTURES), sound (filmed_set.SOUNDS), output."""


def evaluate_av(model: Model, archive: Path, split: str = "test", cache: Path | None = None) -> dict[str, Any]:
    """Figures by CONDITIONS, and under `fusion` what fusing gains over the better single modality."""
    filmed = read_filmed(archive, split, cache)
    answers = judge_filmed(model, filmed)
    blocks: dict[str, Any] = {name: answers[name].block() for name in CONDITIONS}
    blocks["noisy_video"]["condition"] = f"pictures: {PictureNoise()}"
    blocks["noisy_sound"]["condition"] = f"sound: pink noise, {SNR_DB:g} dB below the voice"
    blocks["babble"]["condition"] = f"sound: {BABBLE_VOICES} other utterances backwards, {SNR_DB:g} dB below the voice"
    alone = {name: answers[name].sums() for name in ("video", "audio")}
    if len(filmed.labels):
        blocks["fusion"] = gain_over_better(answers["both"].sums(), alone)
    return blocks | filmed.skipped.note()


def judge_filmed(model: Model, filmed: FilmedSet) -> dict[str, Answers]:
    """What the model says under each of CONDITIONS."""
    embeddings = {name: model.embeddings(list(sights.crops)) for name, sights in filmed.sights.items()}
    said: dict[str, list[Floats]] = {name: [] for name in CONDITIONS}
    whole: dict[str, list[Floats]] = {name: [np.empty((0, 7), np.float32)] for name in CONDITIONS}
    for number in progress(range(len(filmed.labels)), "filmed utterances"):
        for picture, sound in {(picture, sound) for picture, sound, _ in CONDITIONS.values()}:
            features, voice = filmed.sounds[sound].one(number)
            first, share = voiced_windows(voice)
            windows = _windows(filmed, number, picture, embeddings[picture], features, first)
            outputs = model.probabilities(windows)
            for name, (of_picture, of_sound, output) in CONDITIONS.items():
                if (of_picture, of_sound) == (picture, sound):
                    said[name].append(outputs[output])
                    # One face looks much alike in all windows: they make the verdict no surer than one of them.
                    temperature = 1.0 if output == "video" else model.utterance_temperature
                    whole[name].append(whole_utterance(outputs[output], first, share, temperature)[None])
    return {
        name: Answers(filmed.labels, filmed.people, np.concatenate(whole[name]), tuple(said[name]))
        for name in CONDITIONS
    }


def _windows(
    filmed: FilmedSet, number: int, picture: str, embeddings: Floats, features: Floats, first: NDArray[np.int64]
) -> HeadInput:
    """The voiced seconds of a film with the pictures that fall into them."""
    sights = filmed.sights[picture]
    windows = sound_windows(features, first, embeddings.shape[1])
    place = sights.place(number)
    put_pictures(windows, first, embeddings[place], sights.times_s[place], float(filmed.sound_from_s[number]))
    return windows
