"""What stacked correlations say: the likeliest lag, how sure that is, and the drift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.sync.signals import Signal
from edge.sync.stack import DRIFTS_PPM, LAGS_MS, Grid

DRIFT_SD_PPM = 80.0
"""Quartz clocks of consumer devices are some tens of ppm apart."""
NEAR_MS = 150.0
"""Every other pair of devices is about so far apart; of the rest nothing is known."""
TRUE_R, TRUE_SD = 0.45, 0.15
"""Correlation of people's mouths with their own voices."""
FALSE_SD = 0.06
"""Correlation at a wrong lag or with another's voice, however long: syllables are alike."""
POINTS_PER_S = 15.0
"""A second of speech is worth so many independent points where anything may be compared …"""
PEAK_POINTS_PER_S = 30.0
"""… and so many where only the place of one peak is in question: cautious, the scatter of real peaks asks for more."""
_SPEAKS = 0.8
_RELATED = 0.5
_AROUND_MS = 60.0


@dataclass(frozen=True)
class LagBelief:
    """`mass`: probability of the lags around `lag_ms`; the rest are other lags and "no face here speaks".

    The spreads are standard deviations within that mass.
    """

    mass: float
    lag_ms: float
    spread_ms: float
    drift_ppm: float
    drift_spread_ppm: float


def believe(faces: list[tuple[Grid, float]]) -> LagBelief:
    """The posterior, given each face's correlations and their seconds.

    Before, small lags are likelier than large ones, drifts normal, and it is even whether any face here speaks.
    """
    log_p = _LOG_DRIFT_PRIOR[:, None] + _LOG_LAG_PRIOR + _ratio(faces, POINTS_PER_S, FALSE_SD)
    top = max(0.0, float(log_p.max()))
    by_lag = np.exp(log_p - top).sum(axis=0) * _RELATED
    total = float(by_lag.sum() + np.exp(-top) * (1 - _RELATED))
    near = np.abs(LAGS_MS - LAGS_MS[int(np.argmax(by_lag))]) <= _AROUND_MS
    log_near = _LOG_DRIFT_PRIOR[:, None] + _ratio([(r[:, near], s) for r, s in faces], PEAK_POINTS_PER_S, 0.0)
    p = np.exp(log_near - log_near.max())
    lag_ms, spread_ms = _moments(p.sum(axis=0), LAGS_MS[near])
    drift_ppm, drift_spread_ppm = _moments(p.sum(axis=1), DRIFTS_PPM)
    return LagBelief(float(by_lag[near].sum()) / total, lag_ms, spread_ms, drift_ppm, drift_spread_ppm)


def agree(faces: list[tuple[Grid, float]], lag_ms: float) -> bool:
    """Whether what was seen and heard speaks for this lag, rather than for "no face here speaks"."""
    near = np.abs(LAGS_MS - lag_ms) <= _AROUND_MS
    return bool(near.any() and _ratio([(r[:, near], s) for r, s in faces], POINTS_PER_S, FALSE_SD).max() > 0.0)


def _ratio(faces: list[tuple[Grid, float]], points_per_s: float, false_sd: float) -> Grid:
    """Log-likelihood ratio against "no face here speaks": each face either speaks or has nothing to do with the voice.

    A correlation is normal around TRUE_R or around 0, and wider the less speech there was.
    """
    out = np.zeros_like(faces[0][0])
    for r, seconds in faces:
        noise = 1.0 / (points_per_s * seconds)
        true, false = TRUE_SD**2 + noise, false_sd**2 + noise
        ratio = 0.5 * (r**2 / false - (r - TRUE_R) ** 2 / true + np.log(false / true))
        out += np.logaddexp(np.log(1 - _SPEAKS), np.log(_SPEAKS) + ratio)
    return out


def _moments(weight: Grid, values: Grid) -> tuple[float, float]:
    """Mean and standard deviation on a grid, whose own width counts."""
    share = weight / weight.sum()
    mean = float(share @ values)
    return mean, float(np.sqrt(share @ (values - mean) ** 2 + (values[1] - values[0]) ** 2 / 12))


def _log_drift_prior() -> Grid:
    log_prior = -0.5 * (DRIFTS_PPM / DRIFT_SD_PPM) ** 2
    return np.asarray(log_prior - np.log(np.exp(log_prior).sum()))


def _log_lag_prior() -> Signal:
    near = np.exp(-np.abs(LAGS_MS) / NEAR_MS)
    return np.asarray(np.log(0.5 / len(LAGS_MS) + 0.5 * near / near.sum()))


_LOG_DRIFT_PRIOR = _log_drift_prior()
_LOG_LAG_PRIOR = _log_lag_prior()
