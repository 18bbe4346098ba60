"""The last seconds of the pictures' faces, kept by time stamp."""

from __future__ import annotations

from collections import deque
from itertools import islice

import numpy as np

from edge.clock import NS_PER_S
from edge.samples import Face, FaceFrame

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

    def clear(self) -> None:
        """Forget everything."""
        self._strays.clear()
        self.frames.clear()

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
