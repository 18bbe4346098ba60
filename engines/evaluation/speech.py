"""Judges voices: a speech set with any name and any speakers, from sound alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.samples import Floats
from engines.datasets import speech
from engines.datasets.labels import label_index
from engines.datasets.speech import read_sound
from engines.evaluation import packs, people
from engines.evaluation.answers import Answers
from engines.evaluation.fer2013 import thinned
from engines.evaluation.judge import Model
from engines.evaluation.packs import Pack, Skipped, speech_pack
from engines.evaluation.people import is_held_out
from engines.evaluation.recordings import SOUND_CODE, Recordings, analysed, remembered
from engines.evaluation.windows import sound_windows, voiced_windows, whole_utterance
from engines.progress import progress

SHORTEST_SAMPLES = 480
"""One feature frame."""
_CODE = (*SOUND_CODE, speech, packs, people)


@dataclass(frozen=True)
class SpokenSet:
    """The recordings of one archive that are judged."""

    data_set: str
    labels: NDArray[np.int64]
    people: NDArray[np.str_]
    recordings: Recordings
    skipped: Skipped


def evaluate_speech(
    model: Model, archive: Path, split: str = "test", most: int | None = None, cache: Path | None = None
) -> dict[str, Any]:
    """Figures of whole utterances; under `windows` those of single seconds. `most` takes that many, evenly spread."""
    spoken = read_spoken(archive, split, most, cache)
    return judge_speech(model, spoken).block() | spoken.skipped.note()


def judge_speech(model: Model, spoken: SpokenSet) -> Answers:
    """What the model says from sound alone."""
    whole, windows = [np.empty((0, 7), np.float32)], []
    for number in progress(range(len(spoken.labels)), spoken.data_set):
        features, voice = spoken.recordings.one(number)
        first, share = voiced_windows(voice)
        rows = model.probabilities(sound_windows(features, first, model.embedding_size))["audio"]
        windows.append(rows)
        whole.append(whole_utterance(rows, first, share, model.utterance_temperature)[None])
    return Answers(spoken.labels, spoken.people, np.concatenate(whole), tuple(windows))


def read_spoken(archive: Path, split: str, most: int | None, cache: Path | None) -> SpokenSet:
    """The utterances of a split with their features: of `test` those of people that training has not met, or `all`.

    Sounds that cannot be read are skipped and named. Raises UsageError on an archive of another form.
    """
    what = f"speech-{split}" if most is None else f"speech-{split}-{most}"
    with speech_pack(archive) as pack:
        arrays = remembered(cache, what, archive, _CODE, lambda: _prepare(pack, split, most))
    bad = Skipped([(str(file), str(reason)) for file, reason in arrays["skipped"]])
    recordings = Recordings(arrays["features"], arrays["voice"], arrays["ends"])
    return SpokenSet(str(arrays["data_set"]), arrays["labels"], arrays["people"], recordings, bad)


def _prepare(pack: Pack, split: str, most: int | None) -> dict[str, NDArray[Any]]:
    rows = [row for row in pack.rows if split == "all" or is_held_out(pack.data_set, row["speaker"])]
    chosen = [rows[place] for place in thinned(np.arange(len(rows)), most)]
    skipped, kept = Skipped(), []

    def sounds() -> Iterator[Floats]:
        for row in progress(chosen, f"sound of {pack.data_set}"):
            try:
                samples = read_sound(pack.read(row["file"]))
                check_sound(samples)
            except Exception as error:
                skipped.add(row["file"], error)
                continue
            kept.append(row)
            yield samples

    arrays = analysed(sounds())
    return arrays | {
        "data_set": np.array(pack.data_set),
        "labels": np.array([label_index(row["label7"]) for row in kept], np.int64),
        "people": np.array([row["speaker"] for row in kept], np.str_),
        "skipped": np.array(skipped.rows, np.str_).reshape(-1, 2),
    }


def check_sound(samples: Floats) -> None:
    """Raises ValueError when a recording is too short for a single feature frame, or holds what is no number."""
    if len(samples) < SHORTEST_SAMPLES:
        raise ValueError(f"It holds {len(samples)} samples: at least {SHORTEST_SAMPLES} are needed.")
    if not np.isfinite(samples).all():
        raise ValueError("It has samples that are no numbers (NaN or infinite).")
