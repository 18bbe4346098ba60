"""What every contender is asked: the crops of n faces, the head's 3n + 1 rows, and a whole tick of n faces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from edge.clock import MonotonicClock
from edge.infer.card import Card
from edge.infer.engine import Feeds
from edge.infer.held import empty_window
from edge.infer.student import Student
from edge.samples import VIDEO_SLOTS, Box, Face, FaceWindow, Pose, Quality, Window
from engines.gpu_bench.contender import Contender
from engines.parity.made_up import made_up_feeds
from engines.parity.runs import Networks, encoded

Call = Callable[[], object]
_FEWEST_MOMENTS = 4


class Workload:
    """Made-up faces and voices, always the same, for up to `faces`; `reference` encodes the crops for the head."""

    def __init__(self, card: Card, reference: Networks, faces: int) -> None:
        self._card = card
        self._feeds = made_up_feeds(max(_FEWEST_MOMENTS, faces // 2 + 2))  # six rows a moment, and four crops
        self._embeddings = encoded(reference.face, self._feeds, (1,))

    def call(self, contender: Contender, row: str, faces: int) -> Call:
        """What is timed: row "face", "head" or "tick" with so many faces."""
        if row == "tick":
            return self._tick(contender, faces)
        engine = contender.networks.face if row == "face" else contender.networks.head
        feeds = self.face_feeds(faces) if row == "face" else self.head_feeds(faces)
        return lambda: engine.infer(feeds)

    def face_feeds(self, faces: int) -> Feeds:
        """(n, 1, 128, 128) crops."""
        return self._feeds.face_feeds(slice(0, faces))

    def head_feeds(self, faces: int) -> Feeds:
        """3n + 1 rows."""
        return self._feeds.head_feeds(self._embeddings, slice(0, 3 * faces + 1))

    def _tick(self, contender: Contender, faces: int) -> Call:
        """The daemon's own code: crops to embeddings, a window to verdicts."""
        face, head = contender.networks
        student = Student(self._card, {self._card.face_path: face, self._card.head_path: head}.__getitem__)
        crops, window, clock = self._feeds.crops[:faces], self._window(faces), MonotonicClock()

        def tick() -> None:
            student.encode(crops)
            student.judge(window, clock)

        return tick

    def _window(self, faces: int) -> Window:
        heard = next(row.sound for row in self._feeds.rows if row.case == "face and voice")
        seen = tuple(self._face_window(track) for track in range(faces))
        return replace(
            empty_window(0, 10**9), faces=seen, sound=heard.features, sound_mask=heard.mask.astype(bool), voice=1.0
        )

    def _face_window(self, track: int) -> FaceWindow:
        landmarks = np.array([[48, 52], [80, 52], [64, 70], [52, 90], [76, 90]], np.float32)
        face = Face(track, Box(0, 0, 128, 128), landmarks, 1.0, Pose(0, 0, 0), Quality(128, 100, 100), 0.0, 0.0)
        embeddings = np.repeat(self._embeddings[track][None], VIDEO_SLOTS, axis=0)
        return FaceWindow(face, embeddings, np.ones(VIDEO_SLOTS, np.bool_), True, 1.0)
