"""What of a mouth goes with what of a voice: paired channels on one 100 Hz grid.

Column k of the mouth's channels is the one that moves with column k of the voice's. NaN: nothing is known there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_MS
from edge.samples import Bools, Face, SoundFrames

SIGNAL_RATE_HZ = 100
STEP_NS = 1_000_000_000 // SIGNAL_RATE_HZ
CHANNEL_COUNT = 3
CHANNEL_WEIGHTS = np.full(CHANNEL_COUNT, 1.0 / CHANNEL_COUNT)
"""How much each pair counts where agreement is summed up; they sum to 1."""
VOICE_PROBABILITY = 0.5
QUIET_DB = -70.0
MOST_FACE_GAP_NS = 250 * NS_PER_MS
MOST_SOUND_GAP_NS = 50 * NS_PER_MS

Channels = NDArray[np.float64]


def mouth_channels(sights: Sequence[tuple[int, Face]], grid_ns: NDArray[np.int64]) -> Channels:
    """Motion, opening and the opening's slope (n, CHANNEL_COUNT) of one face at the grid (n,).

    `sights`: (t_ns, face) of one track, rising.
    """
    t_ns = np.asarray([t for t, _ in sights], np.int64)
    motion = _at(t_ns, np.asarray([face.mouth for _, face in sights], np.float64), grid_ns, MOST_FACE_GAP_NS)
    opening = _at(t_ns, np.asarray([face.mouth_opening for _, face in sights], np.float64), grid_ns, MOST_FACE_GAP_NS)
    return np.column_stack([motion, opening, _slope(opening)])


def voice_channels(run: SoundFrames, grid_ns: NDArray[np.int64]) -> Channels:
    """Level, probability of a voice and the level's slope (n, CHANNEL_COUNT) at the grid (n,)."""
    level = _at(run.t_ns, run.level_db.astype(np.float64), grid_ns, MOST_SOUND_GAP_NS)
    voice = _at(run.t_ns, run.voice.astype(np.float64), grid_ns, MOST_SOUND_GAP_NS)
    gated = np.maximum(level, QUIET_DB)
    return np.column_stack([gated, voice, _slope(gated)])


def speech_at(run: SoundFrames, grid_ns: NDArray[np.int64]) -> Bools:
    """Where somebody speaks, (n,)."""
    voice = _at(run.t_ns, run.voice.astype(np.float64), grid_ns, MOST_SOUND_GAP_NS)
    return np.asarray(voice >= VOICE_PROBABILITY)


def _at(
    t_ns: NDArray[np.int64], values: NDArray[np.float64], grid_ns: NDArray[np.int64], most_gap_ns: int
) -> NDArray[np.float64]:
    """`values` (m,) at the grid, linear in time; NaN farther than `most_gap_ns` from any finite sample."""
    good = np.isfinite(values)
    if not good.any() or not len(grid_ns):
        return np.full(len(grid_ns), np.nan)
    # Differences first: float64 holds nanoseconds of uptime only to 0.1 µs, which is plenty for them.
    origin = grid_ns[0]
    at = (grid_ns - origin).astype(np.float64)
    known = (t_ns[good] - origin).astype(np.float64)
    right = np.clip(np.searchsorted(known, at), 0, len(known) - 1)
    nearest = np.minimum(np.abs(known[right] - at), np.abs(known[np.maximum(right - 1, 0)] - at))
    return np.where(nearest <= most_gap_ns, np.interp(at, known, values[good]), np.nan)


def _slope(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Change per second; NaN where a neighbour is unknown."""
    if len(signal) < 2:
        return np.full(len(signal), np.nan)
    return np.gradient(signal) * SIGNAL_RATE_HZ
