"""How wrong the lag is after so many seconds of speech, by what is spoiled."""

from __future__ import annotations

from tests.sync_bench.lag_runs import LagRuns, Runs
from tests.sync_bench.measures import SPEECH_S, scored
from tests.sync_bench.studio import CLEAN, CONDITIONS, FOREIGN, Studio
from tests.sync_bench.table import Table, percent

SHIFTS_MS = (-500, -200, -125, -80, -45, 45, 80, 125, 200, 500)
FEW_SHIFTS_MS = (-200, 125)


def lag_tables(studio: Studio, *, quick: bool) -> list[Table]:
    """The constants of people, and the errors of the change in lag against them."""
    runs = LagRuns(studio)
    few = FEW_SHIFTS_MS[1:] if quick else FEW_SHIFTS_MS
    table = _error_table()
    _add(table, CLEAN.name, runs.under(CLEAN, few if quick else SHIFTS_MS), runs.pooled_ms)
    _add(table, "clean, not looped", runs.unlooped(few, every=6 if quick else 2), runs.pooled_ms)
    _add(table, "clean, constant of other clips", runs.other_clips(few), runs.pooled_ms)
    if not quick:
        for condition in CONDITIONS:
            _add(table, condition.name, runs.under(condition, few), runs.pooled_ms)
        for still in (True, False):
            words = f"two faces, the other one {'a photograph' if still else 'talks'}"
            _add(table, words, runs.beside(words, few, still=still), runs.pooled_ms)
    _add(table, FOREIGN.name, runs.under(FOREIGN, few), runs.pooled_ms)
    return [_constants_table(runs), table]


def _error_table() -> Table:
    return Table(
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
        "Against the same person unshifted and clean at the end of the run; the interval against that constant, and "
        "against the mean of all people's; bare: with the constant left in.",
    )


def _add(table: Table, words: str, runs: Runs, pooled_ms: float) -> None:
    for speech_s in SPEECH_S:
        found = [(reading, own_ms) for run, own_ms in runs for reading in run if reading.speech_s == speech_s]
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


def _constants_table(runs: LagRuns) -> Table:
    table = Table(
        "constants",
        "Published lag of people in step",
        ("person", *(f"after {speech_s} s" for speech_s in SPEECH_S), "± ms"),
        "ms; a mouth leads its voice by a person's and a film's own constant.",
    )
    for name, found in runs.unshifted.items():
        by_speech = {reading.speech_s: reading.error_ms for reading in found}
        table.add(name, *(by_speech.get(speech_s) for speech_s in SPEECH_S), found[-1].ci_ms if found else None)
    return table
