"""Judges whole films as the device meets them: found, tracked and aligned faces, every 200 ms one window."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from edge.features.face import Detector
from edge.samples import Floats
from engines.clip_walk import ClipWalk, Moment
from engines.datasets.labels import label_index
from engines.evaluation.answers import Answers
from engines.evaluation.judge import HeadInput, Model
from engines.evaluation.packs import Pack, Skipped, zip_pack
from engines.evaluation.people import is_subject_held_out
from engines.evaluation.windows import whole_utterance
from engines.faces import find_detector
from engines.progress import progress
from engines.sounds import VOICED_SHARE

TABLE = "clips.csv"
_WHAT = "an archive of films (a zip with clips.csv: file, subject, label7; and clips/)"
_OUTPUTS = {"both": "fused", "video": "video", "audio": "audio"}


def evaluate_clips(model: Model, archive: Path, split: str = "test") -> dict[str, Any]:
    """The blocks `both`, `video` and `audio` of the films in `clips/`; those that cannot be read are in `skipped`."""
    said: dict[str, list[list[Floats]]] = {name: [] for name in _OUTPUTS}
    labels, people, skipped = [], [], Skipped()
    detector = find_detector(archive.parent)
    with zip_pack(archive, TABLE, "label7", _WHAT, "file", "subject") as pack:
        rows = [row for row in pack.rows if split == "all" or is_subject_held_out(row["subject"])]
        for row in progress(rows, "films"):
            try:
                outputs = _judged(model, pack, row["file"], detector)
            except Exception as error:
                skipped.add(row["file"], error)
                continue
            labels.append(label_index(row["label7"]) or 0)
            people.append(row["subject"])
            for name in _OUTPUTS:
                said[name].append(outputs[name])
    return {name: _answers(labels, people, said[name]).block() for name in _OUTPUTS} | skipped.note()


def has_clips(archive: Path) -> bool:
    """Whether an archive of filmed speech holds films too."""
    with zip_pack(archive, "crops.csv", "label7", _WHAT) as pack:
        return TABLE in pack.names


def _judged(model: Model, pack: Pack, file: str, detector: Detector) -> dict[str, list[Floats]]:
    """For each of _OUTPUTS the windows' probabilities (k, 7), then the utterance's (1, 7)."""
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / Path(file).name
        clip.write_bytes(pack.read(f"clips/{file}"))
        walk = ClipWalk(clip, lambda crops: model.embeddings(list(crops)), model.embedding_size, detector)
        moments = list(walk.moments())
    voiced = [one for one in moments if one.window.voice >= VOICED_SHARE]
    chosen = voiced or [max(moments, key=lambda one: one.window.voice)]
    outputs = model.probabilities(_rows(chosen))
    frames = np.array([round(one.end_s * 100) - 100 for one in chosen])
    share = np.array([one.window.voice for one in chosen], np.float32)
    return {
        name: [outputs[output], whole_utterance(outputs[output], frames, share, model.utterance_temperature)[None]]
        for name, output in _OUTPUTS.items()
    }


def _rows(moments: list[Moment]) -> HeadInput:
    rows = [(one.embeddings, one.video_mask, one.window.sound, one.window.sound_mask) for one in moments]
    return HeadInput(*(np.stack(part).astype(np.float32) for part in zip(*rows, strict=True)))


def _answers(labels: list[int], people: list[str], said: list[list[Floats]]) -> Answers:
    whole = np.concatenate([np.empty((0, 7), np.float32), *(both[1] for both in said)])
    return Answers(np.array(labels, np.int64), np.array(people, np.str_), whole, tuple(both[0] for both in said))
