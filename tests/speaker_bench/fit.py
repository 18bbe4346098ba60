"""The chooser's likelihoods, fitted on scenes: logistic regression of products, normal distributions of motion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from edge.sync import agreement, mouth_mode
from edge.sync.agreement import TICK_POINTS, products
from edge.sync.mouth_mode import recent_motion
from edge.sync.signals import SIGNAL_RATE_HZ
from edge.sync.speaker import SPEAKER_SPAN_S
from tests.speaker_bench.scene import Scene

SPAN_POINTS = int(SPEAKER_SPAN_S * SIGNAL_RATE_HZ)
OWN, FOREIGN, SILENT = "one face, its own voice", "off-screen, one talks unheard", "off-screen, one listens"
NEWTON_STEPS = 25
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Constants:
    """Named as in edge.sync.agreement and edge.sync.mouth_mode."""

    GAIN: float
    OFFSET: float
    MOVING_MEAN: float
    MOVING_SD: float
    STILL_MEAN: float
    STILL_SD: float


@dataclass(frozen=True)
class Ticks:
    """What the ticks of one scene's first face are judged by: products (t, n_lags) and motion while there is voice."""

    scene: Scene
    products: Values
    motion: Values


def ticks_of(scene: Scene) -> Ticks:
    """Every tick of 200 ms, each with its own span."""
    by_lag, motion = [], []
    mouth = scene.mouths[1]
    for end in range(TICK_POINTS, len(scene.truth) + 1, TICK_POINTS):
        span = slice(max(0, end - SPAN_POINTS), end)
        if not scene.speech[end - TICK_POINTS : end].any():
            continue
        found = products(mouth[span], scene.voice[span], scene.speech[span], TICK_POINTS)
        if found is not None and found.ticks > 0.5:
            by_lag.append(found.by_lag)
        if scene.speech[end - TICK_POINTS : end].mean() > 0.5 and (moved := recent_motion(mouth[:end])) is not None:
            motion.append(moved)
    return Ticks(scene, np.asarray(by_lag), np.asarray(motion))


def fitted(ticks: Sequence[Ticks], without: str | None = None) -> Constants:
    """Constants from all people but one. A person's own products are those at the lag that fits the scene best."""
    kept = [tick for tick in ticks if tick.scene.person != without]
    own = [tick.products for tick in kept if tick.scene.kind == OWN]
    mine = np.concatenate([by_lag[:, by_lag.mean(axis=0).argmax()] for by_lag in own])
    foreign = np.concatenate([tick.products.ravel() for tick in kept if tick.scene.kind == FOREIGN])
    gain, offset = logistic(mine, foreign)
    moving = np.concatenate([tick.motion for tick in kept if tick.scene.kind == OWN])
    still = np.concatenate([tick.motion for tick in kept if tick.scene.kind == SILENT])
    spread = (float(moving.mean()), float(moving.std()), float(still.mean()), float(still.std()))
    return Constants(gain, offset, *spread)


def logistic(yes: Values, no: Values) -> tuple[float, float]:
    """Slope and intercept of the log odds of `yes` (n,) against `no` (m,), both classes equally likely (Newton)."""
    x = np.column_stack([np.concatenate([yes, no]), np.ones(len(yes) + len(no))])
    target = np.repeat([1.0, 0.0], [len(yes), len(no)])
    weight = np.repeat([0.5 / len(yes), 0.5 / len(no)], [len(yes), len(no)])
    slopes = np.zeros(2)
    for _ in range(NEWTON_STEPS):
        guess = 1.0 / (1.0 + np.exp(-x @ slopes))
        bend = (x * (weight * guess * (1.0 - guess))[:, None]).T @ x
        slopes += np.linalg.solve(bend, x.T @ (weight * (target - guess)))
    return float(slopes[0]), float(slopes[1])


@contextmanager
def in_use(constants: Constants) -> Iterator[None]:
    """The chooser judges by these, until the end."""
    before = {}
    for name, value in asdict(constants).items():
        module = agreement if hasattr(agreement, name) else mouth_mode
        before[module, name] = getattr(module, name)
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name), value in before.items():
            setattr(module, name, value)
