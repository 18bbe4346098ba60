"""Estimated against true lag over time, in one picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from edge.clock import NS_PER_S
from engines.progress import progress
from tests.sync_bench.duo import two_faces
from tests.sync_bench.measures import readings
from tests.sync_bench.speaker import pairs
from tests.sync_bench.studio import CONDITIONS, Studio
from tests.sync_bench.walk import Moment, Walk

REOPENED_NS = 60 * NS_PER_S
LONG_S = 180.0


def plot(studio: Studio, picture: Path) -> None:
    """Four runs of people with their published lag, its interval, and the truth; written as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6.5), layout="constrained")
    panels = figure.subplots(2, 2).ravel()
    for axes, (title, name, run) in zip(panels, progress(_runs(studio), "plot"), strict=True):
        found = readings(Walk(studio.stream(name)).moments())
        _draw(axes, run(), (found[-1].error_ms if found else None) or 0.0)
        axes.set_title(title, fontsize="medium")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize="small")
    figure.savefig(picture, dpi=110)


def _runs(studio: Studio) -> list[tuple[str, str, Callable[[], list[Moment]]]]:
    names = list(studio.people)
    noisy = next(one for one in CONDITIONS if one.snr_db == 5)
    pair = pairs(studio, (1,), still=False)[1]
    return [
        (f"{names[0]}: microphone opened again after 60 s", names[0], lambda: reopened(studio, names[0], 200, -80)),
        (
            f"{names[0]}: the sound's clock runs off by 200 ppm",
            names[0],
            lambda: list(Walk(studio.made(studio.people[names[0]], seconds=LONG_S).shifted(80, 200.0)).moments()),
        ),
        (
            f"{names[len(names) // 3]}: pink noise at 5 dB",
            names[len(names) // 3],
            lambda: list(Walk(studio.stream(names[len(names) // 3], noisy).shifted(125)).moments()),
        ),
        (
            f"{pair.speaker} beside {pair.other}, who talks without a sound",
            pair.speaker,
            lambda: list(Walk(two_faces(studio, pair, 80.0).shifted(-125)).moments()),
        ),
    ]


def reopened(studio: Studio, name: str, first_ms: float, then_ms: float) -> list[Moment]:
    """The microphone comes back with another lag: what was known is forgotten."""
    plain = studio.made(studio.people[name], seconds=2 * REOPENED_NS / NS_PER_S)
    before = Walk(plain.shifted(first_ms))
    found = list(takewhile(lambda moment: moment.end_ns <= REOPENED_NS, before.moments()))
    before.aligner.reset_sound()
    after = Walk(plain.shifted(then_ms).after(REOPENED_NS), before.aligner, begin_ns=REOPENED_NS + NS_PER_S)
    return [*found, *after.moments()]


def _draw(axes: Any, moments: Sequence[Moment], constant_ms: float) -> None:
    seconds = [moment.end_ns / NS_PER_S for moment in moments]
    lag = _known([moment.lag_ms for moment in moments])
    ci = _known([moment.ci_ms for moment in moments])
    truth = [moment.true_lag_ms for moment in moments]
    axes.fill_between(seconds, lag - ci, lag + ci, alpha=0.25, linewidth=0, color="C0", label="95 % interval")
    axes.plot(seconds, truth, color="black", linewidth=1, label="shift that was made")
    with_constant = [value + constant_ms for value in truth]
    axes.plot(seconds, with_constant, "--", color="gray", linewidth=1, label="and the person's own constant")
    axes.plot(seconds, lag, color="C0", linewidth=1.8, label="published lag")
    axes.set_xlabel("s")
    axes.set_ylabel("lag of the sound, ms")
    axes.grid(alpha=0.3)


def _known(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], np.float64)
