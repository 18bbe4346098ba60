"""The sound's side of one window: its features on the window's grid, or along a warping path."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_MS
from edge.samples import FEATURE_SIZE, SoundFrames
from edge.sync.dtw import BAND_MS, Warp
from edge.sync.grids import HALF_ANALYSIS_NS, WINDOW_NS, Grids
from edge.sync.interpolate import Resampled, at_grid
from edge.sync.signals import STEP_NS, VOICE_PROBABILITY
from edge.sync.sound_history import SoundHistory

NEAR_NS = 15 * NS_PER_MS
SILENCE_DB = -120.0


def sound_window(history: SoundHistory, at: Grids) -> Resampled:
    """The features at the grid as it stands, whose mask says what may be used."""
    return _at(history, at, at.sound_ns)


def warped(history: SoundHistory, at: Grids, path: Warp, straight: Resampled) -> Resampled:
    """The features along the path; what there is, and what is filled in, stays as it is on the `straight` one.

    Before the window the path meets the sound that was there; after its end the last frame is held. The deltas stay
    those of the sound's own time.
    """
    moments_ns = at.sound_ns[0] + np.rint(path.sound_at * STEP_NS).astype(np.int64)
    moved = _at(history, at, np.minimum(moments_ns, at.sound_ns[-1]))
    return Resampled(moved.values, straight.mask, straight.interpolated)


def voice_of(run: SoundFrames | None) -> tuple[float, float, float]:
    """Share of speech, mean level and noise level (dBFS) of one window."""
    if run is None:
        return 0.0, SILENCE_DB, SILENCE_DB
    return float((run.voice >= VOICE_PROBABILITY).mean()), float(run.level_db.mean()), run.noise_db


def _at(history: SoundHistory, at: Grids, moments_ns: NDArray[np.int64]) -> Resampled:
    earliest_ns = at.sound_end_ns - WINDOW_NS - HALF_ANALYSIS_NS - BAND_MS * NS_PER_MS
    run = history.between(earliest_ns, at.sound_end_ns)
    if run is None:
        empty = np.zeros((len(moments_ns), FEATURE_SIZE), np.float32)
        return Resampled(empty, np.zeros(len(moments_ns), np.bool_), 1.0)
    begun_ns = history.begun_ns or 0
    return at_grid(run.t_ns, run.features, run.t_ns, moments_ns, near_ns=NEAR_NS, begun_ns=begun_ns)
