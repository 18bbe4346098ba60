"""Faces with an identity: optical flow between detections, assignment at detections, ids that outlive an occlusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from edge.features.flow import FLOW_PX, Flow
from edge.features.picture import shrink
from edge.samples import Box, Detection, Floats, Image

MAX_FACES = 8
CONFIRM_DETECTIONS = 2
MAX_MISSES = 3
MEMORY_S = 1.5
"""How long a lost face keeps its id: a second of occlusion and the time to find and confirm it."""
GATE_WIDTHS = 0.7
"""Farthest a face in view may have jumped between flow and detection, in its widths."""
LOST_GATE_WIDTHS = 1.5
"""The same for a face that was out of view."""
GATE_SIZE = 1.8
"""Largest ratio of sizes that may be one face."""
SAME_PLACE_IOU = 0.4
SMOOTHING = 0.25
"""Share of a detection's small corrections that is taken over: detectors jitter more than flow does, and their
jumps look like mouth motion (measured: docs/detectors.md)."""
SMALL_CORRECTION = 0.08
"""Corrections up to this fraction of the width are jitter; larger ones are believed at once."""

_NEVER = 1e6


@dataclass
class Track:
    """One face that is followed. `id` is 0 until it is confirmed; `lost_ns` is None while it is in view."""

    box: Box
    landmarks: Floats
    score: float
    id: int = 0
    detections: int = 1
    misses: int = 0
    lost_ns: int | None = None

    @property
    def confirmed(self) -> bool:
        """Whether two detections have seen it."""
        return self.id > 0


class Tracker:
    """Step it with each frame: `follow` always, then `correct` on frames that were given to the detector."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []
        self._flow = Flow()
        self._last_id = 0

    @property
    def faces(self) -> list[Track]:
        """Confirmed faces in view, the leading (largest) one first."""
        seen = [track for track in self._tracks if track.confirmed and track.lost_ns is None]
        return sorted(seen, key=lambda track: -track.box.width * track.box.height)

    @property
    def known_ids(self) -> set[int]:
        """Ids in view or still remembered."""
        return {track.id for track in self._tracks if track.confirmed}

    @property
    def unsure(self) -> bool:
        """Whether a detection would settle something now: a new face to confirm, or one that was missed."""
        return any(track.lost_ns is None and (not track.confirmed or track.misses > 0) for track in self._tracks)

    def clear(self) -> None:
        """Forget every face; numbers go on."""
        self._tracks = []
        self._flow = Flow()

    def follow(self, gray: Image, t_ns: int) -> bool:
        """Move all faces in view to the picture `gray` (h, w) by optical flow; True when one of them was lost by it."""
        self._forget(t_ns)
        small, factor = shrink(gray, FLOW_PX)
        seen = [track for track in self._tracks if track.lost_ns is None]
        moves = self._flow.step(small, factor, [(track.box, track.landmarks) for track in seen])
        lost = False
        for track, move in zip(seen, moves, strict=True):
            if move is None or _outside(move[0], gray.shape[1], gray.shape[0]):
                lost = lost or track.confirmed
                self._lose(track, t_ns)
            else:
                track.box, track.landmarks = move
        return lost

    def correct(self, detections: Sequence[Detection], t_ns: int) -> None:
        """Bring the tracks together with what the detector sees in the same picture."""
        pairs = _assign(self._tracks, detections)
        for row, column in pairs:
            self._take_over(self._tracks[row], detections[column])
        matched_tracks = {row for row, _ in pairs}
        for row, track in enumerate(list(self._tracks)):
            if row not in matched_tracks and track.lost_ns is None:
                track.misses += 1
                if track.misses >= MAX_MISSES or not track.confirmed:
                    self._lose(track, t_ns)
        matched = {column for _, column in pairs}
        self._begin([found for column, found in enumerate(detections) if column not in matched])

    def _take_over(self, track: Track, found: Detection) -> None:
        small = SMALL_CORRECTION * found.box.width
        jump = float(np.abs(found.landmarks - track.landmarks).max())
        share = SMOOTHING if track.lost_ns is None and jump < small else 1.0
        track.landmarks = (track.landmarks + share * (found.landmarks - track.landmarks)).astype(np.float32)
        track.box = _blend(track.box, found.box, share)
        track.score = found.score
        track.misses = 0
        track.lost_ns = None
        track.detections += 1
        if not track.confirmed and track.detections >= CONFIRM_DETECTIONS:
            self._last_id += 1
            track.id = self._last_id

    def _begin(self, found: list[Detection]) -> None:
        """Start tracks for new faces, the largest first, as long as there is room."""
        for new in sorted(found, key=lambda item: -item.box.width * item.box.height):
            seen = [track for track in self._tracks if track.lost_ns is None]
            if len(seen) >= MAX_FACES:
                return
            if all(iou(track.box, new.box) < SAME_PLACE_IOU for track in seen):
                self._tracks.append(Track(new.box, new.landmarks, new.score))

    def _lose(self, track: Track, t_ns: int) -> None:
        """Out of view: a confirmed face is remembered, a mere candidate is not."""
        track.lost_ns = t_ns
        if not track.confirmed:
            self._tracks = [other for other in self._tracks if other is not track]

    def _forget(self, t_ns: int) -> None:
        oldest_ns = t_ns - int(MEMORY_S * 1e9)
        self._tracks = [track for track in self._tracks if track.lost_ns is None or track.lost_ns >= oldest_ns]


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    shared = max(0.0, width) * max(0.0, height)
    union = a.width * a.height + b.width * b.height - shared
    return shared / union if union > 0 else 0.0


def _cost(track: Track, found: Detection) -> float:
    """How unlike they are: overlap missing, distance in widths, size; _NEVER outside the gates."""
    a, b = track.box, found.box
    width = max(a.width, b.width, 1e-6)
    distance = float(np.hypot(a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2)) / width
    size = width / max(min(a.width, b.width), 1e-6)
    gate = GATE_WIDTHS if track.lost_ns is None else LOST_GATE_WIDTHS
    if distance > gate or size > GATE_SIZE:
        return _NEVER
    # A face in view goes before one that is only remembered.
    return (1.0 - iou(a, b)) + distance + float(np.log(size)) + (0.0 if track.lost_ns is None else 1.0)


def _assign(tracks: Sequence[Track], detections: Sequence[Detection]) -> list[tuple[int, int]]:
    """The cheapest one-to-one assignment (Hungarian method) inside the gates: (track, detection) indices."""
    if not tracks or not detections:
        return []
    costs = np.array([[_cost(track, found) for found in detections] for track in tracks])
    rows, columns = linear_sum_assignment(costs)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if costs[r, c] < _NEVER]


def _blend(old: Box, new: Box, share: float) -> Box:
    return Box(
        old.x + share * (new.x - old.x),
        old.y + share * (new.y - old.y),
        old.width + share * (new.width - old.width),
        old.height + share * (new.height - old.height),
    )


def _outside(box: Box, width: int, height: int) -> bool:
    """Whether the face's centre has left the picture, or it shrank to nothing."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return not (0 <= x < width and 0 <= y < height) or box.width < 4
