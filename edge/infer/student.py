"""The student: a face encoder and a window head on some engine, and what they say about one window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.clock import Clock
from edge.infer.card import Card
from edge.infer.engine import Engine
from edge.infer.held import empty_window
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.utterance import LEAST_VOICE, Utterance
from edge.infer.verdict import (
    disagreement,
    face_reasons,
    shares,
    softmax,
    sound_reasons,
    verdict,
)
from edge.samples import (
    VIDEO_SLOTS,
    FaceVerdict,
    FaceWindow,
    Floats,
    Result,
    VoiceVerdict,
    Window,
)

CROP_PX = 128
WARM_UP_RUNS = 3


class Student:
    """`encode` turns crops into embeddings; `judge` turns a window into a result. Not thread-safe per method."""

    def __init__(self, card: Card, make_engine: Callable[[Path], Engine] = OnnxEngine) -> None:
        self.card = card
        self._face_engine = make_engine(card.face_path)
        self._head_engine = make_engine(card.head_path)
        self._utterance = Utterance(card.utterance_temperature)

    def activate(self) -> None:
        """Load both networks and run them a few times, so that the first live window is not the slow one."""
        self._face_engine.activate()
        self._head_engine.activate()
        for _ in range(WARM_UP_RUNS):
            self.encode(np.zeros((1, CROP_PX, CROP_PX), np.uint8))
            self._head_engine.infer(self._rows([], empty_window(0, 0)))

    def deactivate(self) -> None:
        """Free both networks."""
        self._face_engine.deactivate()
        self._head_engine.deactivate()

    def encode(self, crops: NDArray[np.uint8]) -> Floats:
        """Embeddings (n, E) of gray `crops` (n, 128, 128)."""
        feeds = {"crops": crops[:, None].astype(np.float32)}
        return np.asarray(self._face_engine.infer(feeds)["embeddings"], dtype=np.float32)

    def judge(self, window: Window, clock: Clock) -> Result:
        """Verdicts for every face and for the voice of one window."""
        began_ns = clock.now_ns()
        outputs = self._head_engine.infer(self._rows(list(window.faces), window))
        calibrated = {name: softmax(outputs[name], self.card.temperature[name]) for name in outputs}
        voiced = window.voice >= LEAST_VOICE and bool(window.sound_mask.any())
        faces = tuple(
            self._judge_face(face, window, {name: rows[3 * k : 3 * k + 3] for name, rows in calibrated.items()}, voiced)
            for k, face in enumerate(window.faces)
        )
        voice = self._judge_voice(window, calibrated["audio"][-1] if voiced else None)
        return Result(window, faces, voice, (clock.now_ns() - began_ns) / 1e6)

    def _judge_face(self, face: FaceWindow, window: Window, rows: dict[str, Floats], voiced: bool) -> FaceVerdict:
        """`rows` hold three lines for this face: both modalities, without video, without audio."""
        fused = face.speaking and voiced and bool(face.mask.any())
        reasons = face_reasons(face.face)
        if not fused:
            decided = verdict(rows["video"][0], reasons, self.card.uncertain_below)
            return FaceVerdict(face, decided, "video", 1.0, 0.0)
        reasons += sound_reasons(window.level_db, window.noise_db)
        reasons += disagreement(rows["video"][0], rows["audio"][0])
        decided = verdict(rows["fused"][0], reasons, self.card.uncertain_below)
        video, audio = shares(*rows["fused"])
        return FaceVerdict(face, decided, "fused", video, audio)

    def _judge_voice(self, window: Window, probabilities: Floats | None) -> VoiceVerdict:
        gathered = self._utterance.step(window.end_ns, window.voice, probabilities)
        if gathered is None:
            return VoiceVerdict(False, None, 0.0, None)
        reasons = sound_reasons(window.level_db, window.noise_db)
        decided = verdict(gathered, reasons, self.card.uncertain_below)
        return VoiceVerdict(True, self._utterance.number, self._utterance.seconds, decided)

    def _rows(self, faces: list[FaceWindow], window: Window) -> dict[str, NDArray[np.float32]]:
        """Three rows per face (both, without video, without audio) and a last one for the voice alone."""
        rows = 3 * len(faces) + 1
        embeddings = np.zeros((rows, VIDEO_SLOTS, self.card.embedding_size), np.float32)
        video_mask = np.zeros((rows, VIDEO_SLOTS), np.float32)
        sound = np.repeat(window.sound[None], rows, axis=0)
        sound_mask = np.repeat(window.sound_mask[None].astype(np.float32), rows, axis=0)
        for k, face in enumerate(faces):
            embeddings[3 * k : 3 * k + 3] = face.embeddings
            video_mask[3 * k] = video_mask[3 * k + 2] = face.mask
            sound_mask[3 * k + 2] = 0.0
        return {"embeddings": embeddings, "video_mask": video_mask, "sound": sound, "sound_mask": sound_mask}
