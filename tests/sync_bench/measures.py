"""How far estimates are from the truth: plain numbers in, plain numbers out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.sync_bench.walk import Moment

SPEECH_S = (2, 5, 10, 20, 30)
CLOSE_MS = 45.0
"""People notice sound that is early by more (ITU-R BT.1359)."""


@dataclass(frozen=True)
class Reading:
    """What was published after so many seconds of speech. `error_ms` still holds the person's own constant."""

    speech_s: float
    error_ms: float | None
    ci_ms: float | None


def readings(moments: Iterable[Moment], speech_s: Sequence[float] = SPEECH_S) -> list[Reading]:
    """The first moment at or after each of `speech_s`, and none for those that are never reached."""
    wanted, found = list(speech_s), []
    for moment in moments:
        while wanted and moment.speech_s >= wanted[0]:
            found.append(Reading(wanted.pop(0), moment.error_ms, moment.ci_ms))
        if not wanted:
            break
    return found


@dataclass(frozen=True)
class Scored:
    """Readings of many runs at one amount of speech, against each run's own reference."""

    runs: int
    median_ms: float | None
    p95_ms: float | None
    close: float | None
    """Share of those with an estimate within CLOSE_MS."""
    known: float
    """Share of the runs with an estimate."""
    covered: float | None
    """Share of those with an interval in which their person's constant lies."""
    covered_pooled: float | None
    """The same with the mean of all people's constants: what a stranger may expect."""
    bare_median_ms: float | None
    """Median |estimate − truth| with each person's constant left in."""


def scored(pairs: Sequence[tuple[Reading, float]], pooled_ms: float = 0.0) -> Scored:
    """`pairs`: a reading, and the constant of its person in ms; `pooled_ms`: the mean constant of all people."""
    told = [(reading.error_ms, reading.ci_ms, own) for reading, own in pairs if reading.error_ms is not None]
    errors = np.array([abs(error - own) for error, _, own in told])
    bounded = [(error, ci, own) for error, ci, own in told if ci is not None]
    return Scored(
        runs=len(pairs),
        median_ms=float(np.median(errors)) if len(errors) else None,
        p95_ms=float(np.percentile(errors, 95)) if len(errors) else None,
        close=float((errors <= CLOSE_MS).mean()) if len(errors) else None,
        known=len(errors) / len(pairs) if pairs else 0.0,
        covered=float(np.mean([abs(error - own) <= ci for error, ci, own in bounded])) if bounded else None,
        covered_pooled=float(np.mean([abs(error - pooled_ms) <= ci for error, ci, _ in bounded])) if bounded else None,
        bare_median_ms=float(np.median([abs(error) for error, _, _ in told])) if told else None,
    )
