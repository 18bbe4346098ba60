"""How wrong the lag is after so many seconds of speech, by what is spoiled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engines.progress import progress
from tests.sync_bench.duo import two_faces
from tests.sync_bench.measures import SPEECH_S, Reading, readings, scored
from tests.sync_bench.speaker import pairs
from tests.sync_bench.studio import CLEAN, CONDITIONS, FOREIGN, Condition, Studio
from tests.sync_bench.table import Table, percent
from tests.sync_bench.walk import Walk

SHIFTS_MS = (-500, -200, -125, -80, -45, 45, 80, 125, 200, 500)
FEW_SHIFTS_MS = (-200, 125)
Runs = list[tuple[str, list[Reading]]]


def lag_tables(studio: Studio, *, quick: bool) -> list[Table]:
    """The constants of people, and the errors of the change in lag against them."""
    names = list(studio.people)[:: 3 if quick else 1]
    constants = person_constants(studio, names)
    own = _own_ms(constants)
    table = Table(
        "lag",
        "Error of the change in lag",
        (
            "condition",
            "speech s",
            "runs",
            "told %",
            "median ms",
            "p95 ms",
            "within ±45 ms %",
            "in 95 % interval %",
            "of people's mean %",
            "bare median ms",
        ),
        "against the same person unshifted and clean at the end of the run; the interval against that constant, and "
        "against the mean of all people's; bare: with the constant left in",
    )
    few = FEW_SHIFTS_MS[1:] if quick else FEW_SHIFTS_MS
    _add(table, CLEAN.name, _runs(studio, names, CLEAN, few if quick else SHIFTS_MS), own)
    _add(table, "clean, not looped", _unlooped(studio, names, few, 6 if quick else 2), own)
    for condition in CONDITIONS[2:3] if quick else CONDITIONS:
        _add(table, condition.name, _runs(studio, names, condition, few), own)
    if not quick:
        for still in (True, False):
            words = f"two faces, the other one {'a photograph' if still else 'talks'}"
            _add(table, words, _beside(studio, words, few, still=still), own)
    _add(table, FOREIGN.name, _runs(studio, names, FOREIGN, few), own)
    return [_constants_table(constants), table]


def person_constants(studio: Studio, names: Sequence[str]) -> dict[str, list[Reading]]:
    """What is published of each person unshifted and clean."""
    return {name: readings(Walk(studio.stream(name)).ticks()) for name in progress(names, "people unshifted")}


def _own_ms(constants: dict[str, list[Reading]]) -> dict[str, float]:
    """Each person's constant; of those without an estimate the mean of the others."""
    last = {name: found[-1].error_ms if found else None for name, found in constants.items()}
    mean = float(np.mean([value for value in last.values() if value is not None] or [0.0]))
    return {name: mean if value is None else value for name, value in last.items()}


def _runs(studio: Studio, names: Sequence[str], condition: Condition, shifts_ms: Sequence[int]) -> Runs:
    return [
        (name, readings(Walk(studio.stream(name, condition).shifted(shift_ms)).ticks()))
        for name in progress(names, condition.name)
        for shift_ms in shifts_ms
    ]


def _beside(studio: Studio, words: str, shifts_ms: Sequence[int], *, still: bool) -> Runs:
    """Everybody beside the next one in the list."""
    found: Runs = []
    for pair in progress(pairs(studio, (1,), still=still), words):
        plain = two_faces(studio, pair, studio.seconds)
        found += [(pair.speaker, readings(Walk(plain.shifted(shift_ms)).ticks())) for shift_ms in shifts_ms]
    return found


def _unlooped(studio: Studio, names: Sequence[str], shifts_ms: Sequence[int], every: int) -> Runs:
    """Those with many clips, each clip once, beginning with the first, the `every`th after it, and so on."""
    found: Runs = []
    for name in progress(names, "clean, not looped"):
        clips = studio.people[name]
        for first in range(0, len(clips) if len(clips) > 2 else 0, every):
            plain = studio.made([*clips[first:], *clips[:first]])
            found += [(name, readings(Walk(plain.shifted(shift_ms)).ticks())) for shift_ms in shifts_ms]
    return found


def _add(table: Table, words: str, runs: Runs, own: dict[str, float]) -> None:
    pooled_ms = float(np.mean(list(own.values())))
    for speech_s in SPEECH_S:
        found = [(reading, own[name]) for name, run in runs for reading in run if reading.speech_s == speech_s]
        if found:
            score = scored(found, pooled_ms)
            table.add(
                words,
                speech_s,
                score.runs,
                percent(score.known),
                score.median_ms,
                score.p95_ms,
                percent(score.close),
                percent(score.covered),
                percent(score.covered_pooled),
                score.bare_median_ms,
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
