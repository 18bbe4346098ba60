"""All figures of one model on the archives that are given."""

from __future__ import annotations

from collections.abc import Container, Iterable
from itertools import chain, count
from pathlib import Path
from typing import Any

from engines.evaluation.clips import evaluate_clips, has_clips
from engines.evaluation.fer2013 import evaluate_fer2013
from engines.evaluation.filmed import evaluate_av
from engines.evaluation.judge import Judge, Model
from engines.evaluation.speech import judge_speech, read_spoken

_POINTS = ("accuracy", "uar")


def evaluate(
    folder: Path,
    *,
    fer2013: Path | None,
    speech: Iterable[Path],
    av: Path | None,
    split: str = "test",
    cache: Path | None = None,
    teacher: Path | None = None,
) -> dict[str, Any]:
    """All figures of the student in `folder`; sound features are kept in `cache` (None: nowhere).

    With the checkpoint of a `teacher` also `teacher`, the same figures of it, and `student_less_teacher`.
    """
    judge, archives = Judge(folder), tuple(speech)
    above = None if teacher is None else _teacher(teacher)
    result = evaluate_model(judge, fer2013=fer2013, speech=archives, av=av, split=split, cache=cache)
    if above is not None:
        other = evaluate_model(above, fer2013=fer2013, speech=archives, av=av, split=split, cache=cache)
        result |= {"teacher": other, "student_less_teacher": less(result, other)}
    about = {"name": judge.card.name, "sha256": judge.card.sha256, "split": split}
    return result | {"model": about}


def less(student: dict[str, Any], teacher: dict[str, Any]) -> dict[str, Any]:
    """Accuracy and UAR of a student's result less its teacher's, for each block that both have; below 0 it trails."""
    differences: dict[str, Any] = {}
    for name, block in student.items():
        other = teacher.get(name)
        if not isinstance(block, dict) or not isinstance(other, dict):
            continue
        if all(point in block and point in other for point in _POINTS):
            differences[name] = {point: round(block[point] - other[point], 4) for point in _POINTS}
        elif name in {"speech", "av", "clips"}:
            differences[name] = less(block, other)
    return differences


def _free(taken: Container[str], name: str, other: str) -> str:
    """A set's name, or where that is taken its archive's, or that with a number: no set may hide another."""
    numbered = (f"{other} {number}" for number in count(2))
    return next(one for one in chain((name, other), numbered) if one not in taken)


def _teacher(checkpoint: Path) -> Model:
    from engines.evaluation.teacher import TeacherJudge  # torch is needed for teachers only

    return TeacherJudge(checkpoint)


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
        sets[_free(sets, spoken.data_set, path.stem)] = judge_speech(model, spoken).block() | spoken.skipped.note()
    if sets:
        result["speech"] = sets
    if av is not None:
        result["av"] = evaluate_av(model, av, split, cache)
        if has_clips(av):
            result["av"]["clips"] = evaluate_clips(model, av, split)
    return result
