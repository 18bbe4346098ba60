"""What of a mouth goes with what of a voice: paired channels on one 100 Hz grid.

Column k of the mouth's channels is the one that moves with column k of the voice's. NaN: nothing is known there.
The pairs, best first: the jaw's speed and the slope of the voice's level, the opening and the level, the motion of
lips and cheeks and how much the level changes, up or down.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.fft import idct

from edge.clock import NS_PER_MS
from edge.samples import Bools, Face, SoundFrames

SIGNAL_RATE_HZ = 100
STEP_NS = 1_000_000_000 // SIGNAL_RATE_HZ
CHANNEL_COUNT = 3
CHANNEL_WEIGHTS = np.full(CHANNEL_COUNT, 1.0 / CHANNEL_COUNT)
"""How much each pair counts where agreement is summed up; they sum to 1."""
VOICE_PROBABILITY = 0.5
MOST_FACE_GAP_NS = 250 * NS_PER_MS
MOST_SOUND_GAP_NS = 50 * NS_PER_MS

MFCC_COUNT = 40
MEL_COUNT = 64
VOICED_BANDS = slice(12, 40)
"""Mel bands from 480 to 2,400 Hz: the formants, which the opening of a mouth makes louder and softer."""
DYNAMIC_DB = 35.0
"""What is so much softer than the loudest speech of the last seconds counts as silence."""
LOUDEST_PERCENTILE = 95.0
SPEECH_REACH_MS = 80
"""So long before and after what the voice-activity detector marks, sound still counts: it notices speech late."""
SPEECH_FADE_MS = 100
SPEED_UNIT = 0.5
"""Usual size of the jaw's speed, interocular distances per second (root mean square over 28 clips)."""
SLOPE_UNIT = 0.3
"""Usual size of the opening's slope per second."""
MOTION_FLOOR = 0.02
"""Added to the motion before its logarithm: the noise of a camera that sees a still mouth."""
BEYOND_REASON = 1e6
LEVEL_SMOOTHING_MS = 80
PICTURE_SMOOTHING_MS = 50

Channels = NDArray[np.float64]
Signal = NDArray[np.float64]

_BAND_OF_MFCC = idct(np.eye(MEL_COUNT), type=2, norm="ortho", axis=1)[:MFCC_COUNT, VOICED_BANDS].mean(axis=1)
"""(MFCC_COUNT,): the mean dB of the voiced bands is this dot the static MFCC."""


def mouth_channels(sights: Sequence[tuple[int, Face]], grid_ns: NDArray[np.int64]) -> Channels:
    """Jaw speed, opening and motion (n, CHANNEL_COUNT) of one face at the grid (n,).

    `sights`: (t_ns, face) of one track, rising. Speed is the mean of the jaw's and the opening's, where both are known.
    """
    t_ns = np.asarray([t for t, _ in sights], np.int64)
    seen = np.asarray([(f.mouth_speed, f.mouth_opening, f.mouth) for _, f in sights], np.float64).reshape(-1, 3)
    between_ns = _middles(t_ns)
    jaw = _smoothed(_at(between_ns, seen[:, 0], grid_ns, MOST_FACE_GAP_NS), PICTURE_SMOOTHING_MS)
    opening = _at(t_ns, seen[:, 1], grid_ns, MOST_FACE_GAP_NS)
    motion = _at(between_ns, np.log(MOTION_FLOOR + seen[:, 2]), grid_ns, MOST_FACE_GAP_NS)
    slope = _slope(_smoothed(opening, PICTURE_SMOOTHING_MS)) / SLOPE_UNIT
    speed = np.where(np.isfinite(jaw), 0.5 * (slope + jaw / SPEED_UNIT), slope)
    return np.column_stack([speed, opening, _smoothed(motion, PICTURE_SMOOTHING_MS)])


def voice_channels(run: SoundFrames, grid_ns: NDArray[np.int64]) -> Channels:
    """Slope of the level, level and its change up or down (n, CHANNEL_COUNT) at the grid (n,).

    The level is dB over the floor, which lies DYNAMIC_DB under the loudest speech: 0 … about DYNAMIC_DB, 0 in silence
    and where nobody speaks.
    """
    heard_db = _at(run.t_ns, run.features[:, :MFCC_COUNT] @ _BAND_OF_MFCC, grid_ns, MOST_SOUND_GAP_NS)
    speech = speech_at(run, grid_ns)
    spoken_db = heard_db[speech & np.isfinite(heard_db)]
    floor_db = np.percentile(spoken_db, LOUDEST_PERCENTILE) - DYNAMIC_DB if len(spoken_db) else 0.0
    over = np.maximum(heard_db - floor_db, 0.0) * _gate(speech)
    level = _smoothed(over, LEVEL_SMOOTHING_MS)
    change = _smoothed(np.abs(_slope(_smoothed(over, PICTURE_SMOOTHING_MS))), LEVEL_SMOOTHING_MS)
    return np.column_stack([_slope(level), level, change])


def speech_at(run: SoundFrames, grid_ns: NDArray[np.int64]) -> Bools:
    """Where somebody speaks, (n,)."""
    voice = _at(run.t_ns, run.voice.astype(np.float64), grid_ns, MOST_SOUND_GAP_NS)
    return np.asarray(voice >= VOICE_PROBABILITY)


def widened(speech: Bools, points: int) -> Bools:
    """`speech` (n,), and so many points before and after it."""
    total = np.concatenate([[0], np.cumsum(speech)])
    at = np.arange(len(speech))
    first, last = np.maximum(at - points, 0), np.minimum(at + points + 1, len(speech))
    return np.asarray(total[last] > total[first])


def measurable(channels: Channels) -> Bools:
    """Rows (n,) of finite values that can be squared and summed up."""
    return np.asarray((np.abs(channels) < BEYOND_REASON).all(axis=1))


def _gate(speech: Bools) -> Signal:
    """1 in speech and up to SPEECH_REACH_MS around it, 0 elsewhere, with soft edges."""
    around = widened(speech, SPEECH_REACH_MS * SIGNAL_RATE_HZ // 1000)
    return _smoothed(around.astype(np.float64), SPEECH_FADE_MS)


def _middles(t_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """The moments in the middle between each picture and the one before (n,): a change belongs there."""
    if len(t_ns) < 2:
        return t_ns
    half = np.diff(t_ns) // 2
    return np.asarray(t_ns - np.concatenate([half[:1], half]))


def _at(t_ns: NDArray[np.int64], values: Signal, grid_ns: NDArray[np.int64], most_gap_ns: int) -> Signal:
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


def _smoothed(signal: Signal, width_ms: int) -> Signal:
    """Mean under a Hann window of `width_ms` of what is known there; NaN stays NaN."""
    known = np.isfinite(signal)
    window = np.hanning(width_ms * SIGNAL_RATE_HZ // 1000 + 2)
    if len(signal) < len(window):
        return signal
    sums = np.convolve(np.where(known, signal, 0.0), window, "same")
    return np.where(known, sums / np.maximum(np.convolve(known, window, "same"), 1e-9), np.nan)


def _slope(signal: Signal) -> Signal:
    """Change per second; NaN where a neighbour is unknown."""
    if len(signal) < 2:
        return np.full(len(signal), np.nan)
    return np.gradient(signal) * SIGNAL_RATE_HZ
