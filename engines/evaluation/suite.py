"""All figures of one model on the archives that are given."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engines.evaluation.fer2013 import evaluate_fer2013
from engines.evaluation.filmed import evaluate_av
from engines.evaluation.judge import Judge, Model
from engines.evaluation.speech import judge_speech, read_spoken


def evaluate(
    folder: Path,
    *,
    fer2013: Path | None,
    speech: Iterable[Path],
    av: Path | None,
    split: str = "test",
    cache: Path | None = None,
) -> dict[str, Any]:
    """All figures of the student in `folder`; sound features are kept in `cache` (None: nowhere)."""
    judge = Judge(folder)
    about = {"name": judge.card.name, "sha256": judge.card.sha256, "split": split}
    return evaluate_model(judge, fer2013=fer2013, speech=speech, av=av, split=split, cache=cache) | {"model": about}


def evaluate_model(
    model: Model, *, fer2013: Path | None, speech: Iterable[Path], av: Path | None, split: str, cache: Path | None
) -> dict[str, Any]:
    """The blocks `fer2013`, `speech` (by set) and `av`, of the archives that are given."""
    result: dict[str, Any] = {}
    if fer2013 is not None:
        result["fer2013"] = evaluate_fer2013(model, fer2013, split)
    sets: dict[str, Any] = {}
    for path in speech:
        spoken = read_spoken(path, split, None, cache)
        name = spoken.data_set if spoken.data_set not in sets else path.stem
        sets[name] = judge_speech(model, spoken).block() | spoken.skipped.note()
    if sets:
        result["speech"] = sets
    if av is not None:
        result["av"] = evaluate_av(model, av, split, cache)
    return result
