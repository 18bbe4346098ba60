"""Banded dynamic time warping of mouth and voice, by dtaidistance's C code, on checked input only.

dtaidistance takes NaN without a word, answers constant input with a diagonal and raises on float32 and on nothing:
every input is checked first, and a refusal has a name. Its `best_path` walks back without the penalty that the
costs were summed up with; `warping_path_fast` walks back with it, in C. It knows no slopes: see edge.sync.slope.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from dtaidistance import dtw
from numpy.typing import NDArray

from edge.samples import WINDOW_FRAMES
from edge.sync.signals import Channels, Signal
from edge.sync.slope import limited

Fallback = Literal[
    "no DTW library",
    "shapes differ",
    "too few channels",
    "too short",
    "mouth not finite",
    "voice not finite",
    "mouth constant",
    "voice constant",
    "no path",
]
"""Why there is no path: the window stays with its time stamps."""

FRAME_MS = 10
BAND_MS = 150
SPAN_FRAMES = 300
"""The window and the two seconds before it: with this run-up the path inside the window is found far better."""
PENALTY = 4.0
"""What a step off the diagonal costs, in standard deviations. This and the margin: python -m tests.dtw_margin."""
APPLY_MARGIN = 0.3
"""Some people's mouths lead by 75 ms, which looks like a lag as well: their paths are up to 25 % cheaper in step."""
KNOWN_LEAD_MARGIN = 0.08
"""A person's own lead of mouth over voice looks like a lag: once it is known, less is convincing. This is the least
with which under 1 % of the windows of people in step are moved by more than 10 ms (`--only step` of the sync bench)."""
NEVER = 1.0
"""No path is cheaper by more than all."""
LEAST_CHANNELS = 3
LEAST_FRAMES = 2
LEAST_SPREAD = 1e-9

_BAND = BAND_MS // FRAME_MS
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Warp:
    """A path between picture and sound of one window.

    `sound_at` (frames,): for each picture frame of the window the (fractional) sound frame that belongs to it, rising
    by ½ … 2 a frame and at most BAND_MS away: the ends may lie a little outside the window, where sound is held.
    `gain`: how much cheaper the path is than the straight one, 0 … 1. `shift_ms`: mean displacement of the sound,
    > 0 where it comes later than the mouth. `cost`, `straight_cost`: what the two cost over window and run-up, in
    standard deviations. `margin`: how much cheaper it has to be.
    """

    sound_at: Signal
    gain: float
    shift_ms: float
    cost: float = float("nan")
    straight_cost: float = float("nan")
    margin: float = APPLY_MARGIN

    @property
    def convincing(self) -> bool:
        """Whether the path beats the straight one by the margin."""
        return self.gain > self.margin


def warp(
    mouth: Channels,
    voice: Channels,
    frames: int = WINDOW_FRAMES,
    *,
    penalty: float = PENALTY,
    margin: float = APPLY_MARGIN,
) -> Warp | Fallback:
    """The cheapest monotone path within ±BAND_MS of the last `frames` points, or why there is none. Never raises.

    `mouth`, `voice` (n, C ≥ LEAST_CHANNELS): paired channels that end with the window. What comes before it, best
    SPAN_FRAMES in all, is the path's run-up, as far back as everything is known.
    """
    wrong = _without_library() if dtw.dtw_cc is None else _wrong_shape(mouth, voice, frames)
    if wrong is not None:
        return wrong
    known = _known(mouth[-SPAN_FRAMES:]) & _known(voice[-SPAN_FRAMES:])
    if not known[-frames:].all():
        return "voice not finite" if _known(mouth[-frames:]).all() else "mouth not finite"
    span = len(known) if known.all() else int(np.argmin(known[::-1]))
    picture, sound = zscored_columns(mouth[-span:]), zscored_columns(voice[-span:])
    if picture is None or sound is None:
        return "mouth constant" if picture is None else "voice constant"
    return _cheapest(picture, sound, frames, penalty, margin)


def freed_of_lead(mouth: Channels, voice: Channels, lead_ms: float) -> tuple[Channels, Channels]:
    """Both (n − |lead|, C) without the lead of the mouth over the voice: what belongs together has the same row.

    More than BAND_MS is no mouth's lead, and not taken out.
    """
    lead = round(min(max(lead_ms, -BAND_MS), BAND_MS) / FRAME_MS)
    mouth_first, voice_first = max(0, -lead), max(0, lead)
    return mouth[mouth_first : max(0, len(mouth) - voice_first)], voice[voice_first : max(0, len(voice) - mouth_first)]


def _wrong_shape(mouth: Channels, voice: Channels, frames: int) -> Fallback | None:
    if mouth.ndim != 2 or mouth.shape != voice.shape:
        return "shapes differ"
    if mouth.shape[1] < LEAST_CHANNELS:
        return "too few channels"
    return "too short" if frames < 1 or len(mouth) < max(frames, LEAST_FRAMES) else None


def zscored_columns(channels: Channels) -> Channels | None:
    """Each column with zero mean and unit variance, float64 in C's order; None where one does not change.

    Every finite input is taken: what is huge or tiny is brought to size before it is squared.
    """
    size = np.abs(channels).max(axis=0).astype(np.float64)
    if (size < LEAST_SPREAD).any():
        return None
    scaled = channels / size
    centred = scaled - scaled.mean(axis=0)
    spread = centred.std(axis=0)
    if (spread < LEAST_SPREAD).any() or (spread * size < LEAST_SPREAD).any():
        return None
    return np.ascontiguousarray(centred / spread, dtype=np.float64)


def _known(channels: Channels) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(channels).all(axis=1))


def _cheapest(picture: Channels, sound: Channels, frames: int, penalty: float, margin: float) -> Warp | Fallback:
    """The path of z-scored channels (n, C)."""
    # The unit of the penalty is three channels': more of them would outvote it.
    scale = float(np.sqrt(LEAST_CHANNELS / picture.shape[1]))
    picture, sound = picture * scale, sound * scale
    # The newest end is free: what goes on after the window is not known yet.
    end_free = (0, min(_BAND, len(picture) - 1)) * 2
    path, cost = dtw.warping_path_fast(
        picture, sound, include_distance=True, window=_BAND + 1, penalty=penalty, psi=end_free
    )
    if not path or not np.isfinite(cost):
        return "no path"
    straight = float(np.linalg.norm(picture - sound))
    run_up = len(picture) - frames
    sound_at = limited(_sound_at(np.asarray(path, np.int64), len(picture)))[run_up:] - run_up
    gain = max(0.0, 1.0 - cost / straight) if straight > 0 else 0.0
    shift_ms = float((sound_at - np.arange(frames)).mean()) * FRAME_MS
    return Warp(sound_at, gain, shift_ms, float(cost), straight, margin)


def _sound_at(path: NDArray[np.int64], n: int) -> Signal:
    """The mean sound frame of each picture frame (n,); the shift is held where the path has ended before."""
    rows, columns = path.T
    counts = np.bincount(rows, minlength=n)
    met = np.flatnonzero(counts)
    shifts = np.bincount(rows, weights=columns - rows, minlength=n)[met] / counts[met]
    every = np.arange(n)
    return np.asarray(every + np.interp(every, met, shifts))


@cache
def _without_library() -> Fallback:
    """Says once what is missing."""
    _LOGGER.warning(
        "dtaidistance has no compiled library here: sound is not warped inside a window; "
        "mend it with pip install --force-reinstall --no-binary dtaidistance dtaidistance (needs a C compiler)."
    )
    return "no DTW library"
