"""How wrong the lag is after so many seconds of speech, by what is spoiled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engines.progress import progress
from tests.sync_bench.measures import SPEECH_S, Reading, readings, scored
from tests.sync_bench.studio import CLEAN, CONDITIONS, FOREIGN, Condition, Studio
from tests.sync_bench.table import Table, percent
from tests.sync_bench.walk import Walk

SHIFTS_MS = (-500, -200, -125, -80, -45, 45, 80, 125, 200, 500)
FEW_SHIFTS_MS = (-200, 125)
Runs = list[tuple[str, list[Reading]]]


def lag_tables(studio: Studio, *, quick: bool) -> list[Table]:
    """The constants of people, and the errors of the change in lag against them."""
    constants = person_constants(studio)
    own = _own_ms(constants)
    table = Table(
        "lag",
        "Error of the change in lag",
        (
            "condition",
            "speech s",
            "runs",
            "has estimate %",
            "median ms",
            "p95 ms",
            "within ±45 ms %",
            "in 95 % interval %",
        ),
        "against the same person unshifted and clean at the end of the run",
    )
    _add(table, "clean", _runs(studio, CLEAN, FEW_SHIFTS_MS if quick else SHIFTS_MS), own)
    _add(table, "clean, not looped", _unlooped(studio, FEW_SHIFTS_MS), own)
    for condition in CONDITIONS if not quick else CONDITIONS[2:3]:
        _add(table, condition.name, _runs(studio, condition, FEW_SHIFTS_MS), own)
    _add(table, FOREIGN.name, _runs(studio, FOREIGN, FEW_SHIFTS_MS), own)
    return [_constants_table(constants), table]


def person_constants(studio: Studio) -> dict[str, list[Reading]]:
    """What is published of each person unshifted and clean."""
    return {
        name: readings(Walk(studio.stream(name)).ticks()) for name in progress(list(studio.people), "people unshifted")
    }


def _own_ms(constants: dict[str, list[Reading]]) -> dict[str, float]:
    """Each person's constant; of those without an estimate the mean of the others."""
    last = {name: found[-1].error_ms if found else None for name, found in constants.items()}
    mean = float(np.mean([value for value in last.values() if value is not None] or [0.0]))
    return {name: mean if value is None else value for name, value in last.items()}


def _runs(studio: Studio, condition: Condition, shifts_ms: Sequence[int]) -> Runs:
    return [
        (name, readings(Walk(studio.stream(name, condition).shifted(shift_ms)).ticks()))
        for name in progress(list(studio.people), condition.name)
        for shift_ms in shifts_ms
    ]


def _unlooped(studio: Studio, shifts_ms: Sequence[int]) -> Runs:
    """Those with many clips, each clip once, in as many orders as there are clips."""
    found: Runs = []
    for name, clips in progress(list(studio.people.items()), "not looped"):
        for first in range(0, len(clips), 2):
            if len(clips) > 2:
                plain = studio.made([*clips[first:], *clips[:first]])
                found += [(name, readings(Walk(plain.shifted(shift_ms)).ticks())) for shift_ms in shifts_ms]
    return found


def _add(table: Table, condition: str, runs: Runs, own: dict[str, float]) -> None:
    for speech_s in SPEECH_S:
        pairs = [(reading, own[name]) for name, found in runs for reading in found if reading.speech_s == speech_s]
        if pairs:
            score = scored(pairs)
            table.add(
                condition,
                speech_s,
                score.runs,
                percent(score.known),
                score.median_ms,
                score.p95_ms,
                percent(score.close),
                percent(score.covered),
            )


def _constants_table(constants: dict[str, list[Reading]]) -> Table:
    table = Table(
        "constants",
        "Published lag of people in step",
        ("person", *(f"after {speech_s} s" for speech_s in SPEECH_S), "± ms"),
        "ms; a mouth leads its voice by a person's and a film's own constant",
    )
    for name, found in constants.items():
        by_speech = {reading.speech_s: reading.error_ms for reading in found}
        table.add(name, *(by_speech.get(speech_s) for speech_s in SPEECH_S), found[-1].ci_ms if found else None)
    return table
