"""The moments at which one window reads each stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import VIDEO_SLOTS, WINDOW_FRAMES

WINDOW_NS = NS_PER_S
HALF_ANALYSIS_NS = 15 * NS_PER_MS


@dataclass(frozen=True)
class Grids:
    """The later stream is read up to T, the other one earlier by the lag. All stamps in ns."""

    video_ns: NDArray[np.int64]
    sound_ns: NDArray[np.int64]
    video_end_ns: int
    sound_end_ns: int


def grids(end_ns: int, lag_ms: float) -> Grids:
    """Grids for the window that ends at `end_ns`, when sound comes `lag_ms` later than the picture."""
    lag_ns = round(lag_ms * NS_PER_MS)
    video_end_ns, sound_end_ns = end_ns - max(0, lag_ns), end_ns - max(0, -lag_ns)
    slots = (np.arange(VIDEO_SLOTS) * 2 + 1 - 2 * VIDEO_SLOTS) * WINDOW_NS // (2 * VIDEO_SLOTS)
    # A sound frame belongs to the window in which its 30 ms of sound ended, so nothing of the future is needed.
    frames = (np.arange(WINDOW_FRAMES) - (WINDOW_FRAMES - 1)) * (WINDOW_NS // WINDOW_FRAMES) - HALF_ANALYSIS_NS
    return Grids(video_end_ns + slots, sound_end_ns + frames, video_end_ns, sound_end_ns)
