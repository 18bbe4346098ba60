"""A finished clip walked through the daemon's own objects, step by step and without threads: every frame is looked at.

What the daemon must do in time is done here afterwards, so that a slow machine loses neither frames nor rows.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.capture.clip_reader import clip_chunks, clip_frames
from edge.clock import NS_PER_MS, NS_PER_S
from edge.features.face import Detector
from edge.features.face_features import FaceFeatures
from edge.features.sound_features import SoundFeatures
from edge.record.nearest import nearest
from edge.record.rows import Row, dtw_entry, frame_row, sound_rows, window_row
from edge.samples import Chunk, Floats, Frame, Image, SoundFrames, Window
from edge.sync.aligner import Aligner
from edge.sync.grids import Grids, grids
from edge.sync.lag import LagEstimator

TICK_NS = 200 * NS_PER_MS
SETTLED_NS = 200 * NS_PER_MS
"""So long after its moment no sound frame is sent again, and no picture is missing."""
_LAG_EVERY = 5
_KEPT_ROWS = 200


@dataclass
class Counts:
    """What the table holds, and what was found."""

    frames: int = 0
    frames_with_face: int = 0
    sound: int = 0
    windows: int = 0
    windows_warped: int = 0
    voiced: int = 0
    complete: bool = False


def _no_embeddings(crops: Image) -> Floats:
    """Windows are aligned by mouths and voices; nobody judges them here."""
    return np.zeros((len(crops), 1), np.float32)


class Walk:
    """One clip. `write` takes the rows: those of each kind in the order of their `i`."""

    def __init__(
        self, detector: Detector, *, denoise: bool, audio_offset_ms: float | None, write: Callable[[Row], None]
    ) -> None:
        self.counts = Counts()
        self._write = write
        self._faces = FaceFeatures(detector, _no_embeddings)
        self._sound = SoundFeatures(denoise=denoise)
        self._aligner = Aligner(audio_offset_ms=audio_offset_ms)
        self._told_ns = -NS_PER_S
        self._told = np.zeros(0, np.int64)
        self._tick = 0

    @property
    def lag(self) -> LagEstimator:
        """What is known of the lag between the devices."""
        return self._aligner.lag

    def run(self, clip: Path, captured_ns: Sequence[int], go_on: Callable[[int], bool]) -> None:
        """Walk the clip. `captured_ns`: the frames' stamps from the clip's zero, as they were captured, rising.

        `go_on` is asked at each sample, with its moment in ns; where it says no, the table ends there.
        """
        stamps = np.asarray(captured_ns, np.int64)
        self._aligner.expect_video = len(stamps) > 0
        now_ns = 0
        for now_ns, item in _merged(clip_frames(clip), clip_chunks(clip)):
            if not go_on(now_ns):
                return
            if isinstance(item, Frame):
                self._look(item, stamps)
            else:
                self._hear(self._sound.step(item))
            self._advance(now_ns - SETTLED_NS)
        self._hear(self._sound.finish())
        self._advance(now_ns)
        self._tell_sound(now_ns + NS_PER_S)
        self.counts.complete = True

    def _look(self, frame: Frame, stamps: NDArray[np.int64]) -> None:
        """The frame under the stamp of its capture: the container may have rounded it."""
        t_ns = int(stamps[nearest(stamps, np.asarray([frame.t_ns]))[0]])
        seen = self._faces.step(Frame(t_ns, t_ns, frame.seq, frame.image))
        self._aligner.add_faces(seen)
        self._write(frame_row(self.counts.frames, frame.t_ns, seen))
        self.counts.frames += 1
        self.counts.frames_with_face += bool(seen.faces)

    def _hear(self, run: SoundFrames | None) -> None:
        if run is not None:
            self._aligner.add_sound(run)

    def _advance(self, settled_ns: int) -> None:
        """Everything up to here is final."""
        self._tell_sound(settled_ns)
        while (end_ns := (self._tick + 1) * TICK_NS) <= settled_ns:
            self._align(end_ns)
            self._tick += 1

    def _tell_sound(self, until_ns: int) -> None:
        run = self._aligner.sound.between(self._told_ns, until_ns)
        if run is None:
            return
        for row in sound_rows(self.counts.sound, run):
            self._write(row)
            self.counts.voiced += row["voice"] >= 0.5
        self._told_ns = int(run.t_ns[-1])
        self._told = np.concatenate([self._told, run.t_ns])[-_KEPT_ROWS:]
        self.counts.sound += len(run.t_ns)

    def _align(self, end_ns: int) -> None:
        """One window, as the daemon's tick makes it; windows that begin before the clip are not told."""
        at = grids(end_ns, self.lag.applied_ms)
        window = self._aligner.window(self._tick, end_ns, end_ns)
        if window.start_ns >= 0:
            owner = self._aligner.ownership.track
            self._write(window_row(self.counts.windows, window, at, owner, self._dtw(window, at)))
            self.counts.windows += 1
            self.counts.windows_warped += window.sync.method == "dtw"
        if self._tick % _LAG_EVERY == 0:
            self._aligner.estimate_lag(end_ns)

    def _dtw(self, window: Window, at: Grids) -> Row | None:
        path = self._aligner.ownership.path
        if path is None or not len(self._told):
            return None
        return dtw_entry(
            path,
            applied=window.sync.method == "dtw",
            first_sound_ns=int(at.sound_ns[0]),
            stamps_ns=self._told,
            first_index=self.counts.sound - len(self._told),
        )


def _merged(frames: Iterator[Frame], chunks: Iterator[Chunk]) -> Iterator[tuple[int, Frame | Chunk]]:
    """Both streams in the order in which they would have arrived."""
    pictures: Iterator[tuple[int, Frame | Chunk]] = ((frame.t_ns, frame) for frame in frames)
    sounds: Iterator[tuple[int, Frame | Chunk]] = ((chunk.end_ns, chunk) for chunk in chunks)
    return heapq.merge(pictures, sounds, key=lambda entry: entry[0])
