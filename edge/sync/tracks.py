"""The last seconds of both feature streams, kept by time stamp."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import islice

import numpy as np

from edge.clock import NS_PER_S
from edge.samples import Face, FaceFrame, SoundFrames

KEEP_S = 13.0
RHYTHM_FRAMES = 31
FACE_FRESH_NS = 500_000_000
RESTART_AFTER = 5


class FaceHistory:
    """Looked-at frames, newest last."""

    def __init__(self, keep_s: float = KEEP_S) -> None:
        self._keep_ns = int(keep_s * NS_PER_S)
        self._strays: list[FaceFrame] = []
        self.frames: deque[FaceFrame] = deque()

    def add(self, frame: FaceFrame) -> None:
        """Append. A frame whose stamp goes back is left out; RESTART_AFTER in a row that follow one another are a new
        time base, and replace what is later than they are.
        """
        if self.frames and frame.t_ns <= self.frames[-1].t_ns:
            if self._strays and frame.t_ns <= self._strays[-1].t_ns:
                self._strays.clear()
            self._strays.append(frame)
            if len(self._strays) < RESTART_AFTER:
                return
            while self.frames and self.frames[-1].t_ns >= self._strays[0].t_ns:
                self.frames.pop()
            self.frames.extend(self._strays[:-1])
        self._strays.clear()
        self.frames.append(frame)
        while self.frames[0].t_ns < frame.t_ns - self._keep_ns:
            self.frames.popleft()

    def between(self, start_ns: int, end_ns: int) -> list[FaceFrame]:
        """Frames with start < t ≤ end."""
        picked = []
        for frame in reversed(self.frames):
            if frame.t_ns <= start_ns:
                break
            if frame.t_ns <= end_ns:
                picked.append(frame)
        picked.reverse()
        return picked

    @property
    def usual_gap_ns(self) -> int:
        """Median time between pictures over the last RHYTHM_FRAMES; 0 while there are fewer than two."""
        stamps = [frame.t_ns for frame in islice(reversed(self.frames), RHYTHM_FRAMES)]
        return int(np.median(-np.diff(stamps))) if len(stamps) > 1 else 0

    def begun_ns(self, track: int) -> int | None:
        """When this face was first seen, as far back as is remembered."""
        for frame in self.frames:
            if any(face.track == track for face in frame.faces):
                return frame.t_ns
        return None


def of_track(frames: list[FaceFrame], track: int) -> list[tuple[int, Face]]:
    """(t_ns, face) of one track."""
    return [(frame.t_ns, face) for frame in frames for face in frame.faces if face.track == track]


def present(frames: list[FaceFrame], end_ns: int) -> list[Face]:
    """The newest sight of each face that was seen shortly before the end, largest first."""
    newest: dict[int, Face] = {}
    for frame in frames:
        if frame.t_ns > end_ns - FACE_FRESH_NS:
            newest.update({face.track: face for face in frame.faces})
    return sorted(newest.values(), key=lambda face: -face.box.width * face.box.height)


class SoundHistory:
    """Sound feature frames, by stamp; a frame that is sent again replaces its provisional self."""

    def __init__(self, keep_s: float = KEEP_S) -> None:
        self._keep_ns = int(keep_s * NS_PER_S)
        self._runs: SoundFrames | None = None

    def add(self, run: SoundFrames) -> None:
        """Append `run`, cutting off what it replaces; a jump back in time starts afresh."""
        if len(run.t_ns) == 0:
            return
        if self._runs is None or run.t_ns[0] < self._runs.t_ns[0]:
            self._runs = run
            return
        old = self._runs
        # 5 ms: half a frame, so that a resent frame with a slightly corrected stamp still replaces itself.
        first = int(np.searchsorted(old.t_ns, old.t_ns[-1] - self._keep_ns))
        last = int(np.searchsorted(old.t_ns, run.t_ns[0] - 5_000_000))
        self._runs = replace(
            run,
            t_ns=np.concatenate([old.t_ns[first:last], run.t_ns]),
            features=np.concatenate([old.features[first:last], run.features]),
            level_db=np.concatenate([old.level_db[first:last], run.level_db]),
            voice=np.concatenate([old.voice[first:last], run.voice]),
        )

    def between(self, start_ns: int, end_ns: int) -> SoundFrames | None:
        """Frames with start < t ≤ end, or None when there are none."""
        if self._runs is None:
            return None
        first = int(np.searchsorted(self._runs.t_ns, start_ns, side="right"))
        last = int(np.searchsorted(self._runs.t_ns, end_ns, side="right"))
        if last <= first:
            return None
        cut = slice(first, last)
        runs = self._runs
        return replace(
            runs,
            t_ns=runs.t_ns[cut],
            features=runs.features[cut],
            level_db=runs.level_db[cut],
            voice=runs.voice[cut],
        )

    @property
    def begun_ns(self) -> int | None:
        """The first stamp that is remembered."""
        return None if self._runs is None else int(self._runs.t_ns[0])

    def clear(self) -> None:
        """Forget everything."""
        self._runs = None
