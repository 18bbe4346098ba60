"""Which face owns the voice of a window, and how its mouth and the sound warp onto each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.samples import FaceFrame, SoundFrames
from edge.sync.correlate import Signal
from edge.sync.dtw import Warp, channels, warp
from edge.sync.grids import Grids
from edge.sync.speaker import SpeakerChooser
from edge.sync.tracks import of_track, on_grid


@dataclass(frozen=True)
class Ownership:
    """`track` owns the voice (None: nobody in the picture does). `fallback` names why there is no path."""

    track: int | None = None
    path: Warp | None = None
    fallback: str | None = None

    @property
    def convincing_path(self) -> Warp | None:
        """The path, where a face owns the voice and the path beats the straight one by the margin."""
        return self.path if self.track is not None and self.path is not None and self.path.convincing else None


def find_owner(
    chooser: SpeakerChooser, frames: list[FaceFrame], run: SoundFrames | None, at: Grids, voice: float
) -> Ownership:
    """Let `chooser` decide on one window; `voice` is its share of speech."""
    if run is None or not frames:
        chooser.step({}, np.zeros(0), 0.0)
        return Ownership()
    # The mouth on the sound's own grid, moved to the picture's time.
    moments_ns = at.sound_ns + (at.video_end_ns - at.sound_end_ns)
    envelope = on_grid(run.t_ns, run.level_db, at.sound_ns)
    mouths = {face.track: mouth_signals(frames, face.track, moments_ns) for face in frames[-1].faces}
    owner = chooser.step({track: motion for track, (motion, _) in mouths.items()}, envelope, voice)
    if not mouths:
        return Ownership(owner)
    chosen = owner if owner is not None else next(iter(mouths))
    picture = channels(*mouths[chosen])
    sound = channels(envelope, on_grid(run.t_ns, run.voice, at.sound_ns))
    if isinstance(picture, str):
        return Ownership(owner, fallback=f"mouth {picture}")
    if isinstance(sound, str):
        return Ownership(owner, fallback=f"voice {sound}")
    path = warp(picture, sound)
    return Ownership(owner, fallback=path) if isinstance(path, str) else Ownership(owner, path)


def mouth_signals(frames: list[FaceFrame], track: int, grid_ns: NDArray[np.int64]) -> tuple[Signal, Signal]:
    """Mouth motion and opening of one track at the grid, each (n,)."""
    sights = of_track(frames, track)
    t_ns = np.asarray([t for t, _ in sights], np.int64)
    motion = np.asarray([face.mouth for _, face in sights], np.float32)
    opening = np.asarray([face.mouth_opening for _, face in sights], np.float32)
    return on_grid(t_ns, motion, grid_ns), on_grid(t_ns, opening, grid_ns)
