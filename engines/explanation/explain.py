"""From a clip to the explanation of one of its seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.capture.media import probe
from edge.clock import NS_PER_S
from edge.errors import UsageError
from edge.features.face import make_detector
from edge.infer.utterance import LEAST_VOICE
from edge.samples import EMOTIONS, Floats
from engines.clip_walk import TICK_NS, ClipWalk, Moment
from engines.evaluation.judge import HeadInput, Judge
from engines.explanation.attribution import Attribution, attribute
from engines.explanation.background import BACKGROUND, background
from engines.explanation.extras import require_extras
from engines.progress import progress

BANDS = ("static", "delta", "delta_delta")
SAMPLES = 200
_BLOCK_PX, _BLOCK_FRAMES = 8, 4


@dataclass(frozen=True)
class Explanation:
    """One second of a clip, the verdict about it, and what speaks for and against that verdict."""

    clip: Path
    model: str
    """First 8 digits of the student's sha256."""
    moment: Moment
    attribution: Attribution
    samples: int

    def as_json(self) -> dict[str, Any]:
        """Everything but the pictures; maps are sums over blocks of 8 × 8 pixels and of 4 frames, in nats."""
        told, window = self.attribution, self.moment.window
        video, audio = told.contributions
        bands = dict(zip(BANDS, np.split(told.sound.T, len(BANDS)), strict=True))
        return {
            "clip": self.clip.name,
            "model": self.model,
            "window": {"start_s": round(self.moment.begin_s, 3), "end_s": round(self.moment.end_s, 3)},
            "emotion": told.emotion,
            "confidence": round(float(told.probabilities.max()), 4),
            "probabilities": {name: round(float(p), 4) for name, p in zip(EMOTIONS, told.probabilities, strict=True)},
            "face": self.moment.has_face,
            "speaking": self.moment.speaking,
            "voice": round(window.voice, 3),
            "contribution_nats": {"video": round(video, 4), "audio": round(audio, 4)},
            "share": dict(zip(("video", "audio"), _rounded(told.shares), strict=True)),
            "masked_share": dict(zip(("video", "audio"), _rounded(told.masked_share), strict=True)),
            "additivity": {
                "log_probability": round(told.output, 4),
                "background_log_probability": round(told.reference, 4),
                "attributed": round(video + audio, 4),
                "gap": round(told.gap, 4),
            },
            "face_map_nats": _blocks(told.face, _BLOCK_PX, _BLOCK_PX),
            "sound_map_nats": {name: _blocks(band, 1, _BLOCK_FRAMES) for name, band in bands.items()},
            "sound_band_nats": {name: round(float(band.sum()), 4) for name, band in bands.items()},
            "method": {
                "explainer": "shap.GradientExplainer",
                "samples": self.samples,
                "background": BACKGROUND,
            },
        }


def explain(clip: Path, model: Path, at_s: float | None = None, samples: int = SAMPLES) -> Explanation:
    """Explain the fused verdict about the window of `clip` that ends nearest to `at_s` (None: the surest one).

    Raises UsageError for a clip that cannot be read, is silent and faceless, or does not last until `at_s`, and where
    a package is missing; EdgeError for a broken model folder.
    """
    require_extras()
    if at_s is not None:
        _check_time(clip, at_s)
    judge = Judge(model)
    walk = ClipWalk(clip, lambda crops: judge.embeddings(list(crops)), judge.embedding_size, make_detector())
    total = round(probe(clip).duration_s * NS_PER_S / TICK_NS)
    moments = progress(walk.moments(), clip.name, total)
    moment = _surest(moments, judge) if at_s is None else _nearest(moments, at_s)
    if moment is None:
        raise UsageError(f"The clip {clip} shows no face and holds no speech: name another, or a second with --at.")
    if not (moment.has_face or moment.window.sound_mask.any()):
        raise UsageError(f"The clip {clip} shows no face and has no sound at {at_s:g} s: name another second.")
    told = attribute(judge.card, moment, background(moment, walk.sound()), samples)
    return Explanation(clip, judge.card.sha256[:8], moment, told, samples)


def _check_time(clip: Path, at_s: float) -> None:
    duration_s = probe(clip).duration_s
    if not 0.0 <= at_s <= max(duration_s, 1.0):
        raise UsageError(f"--at {at_s:g} is outside the clip {clip}: name a second from 0 to {duration_s:.1f}.")


def _nearest(moments: Iterable[Moment], at_s: float) -> Moment | None:
    best = None
    for moment in moments:
        if best is not None and abs(moment.end_s - at_s) >= abs(best.end_s - at_s):
            break
        best = moment
    return best


def _surest(moments: Iterable[Moment], judge: Judge) -> Moment | None:
    """The most confident one of those with a face and a voice; if there are none, of those with either."""
    best, best_rank = None, (0, 0.0)
    for moment in moments:
        there = int(moment.has_face) + int(moment.window.voice >= LEAST_VOICE)
        rank = (there, float(_probabilities(judge, moment).max()))
        if there and rank > best_rank:
            best, best_rank = moment, rank
    return best


def _probabilities(judge: Judge, moment: Moment) -> Floats:
    rows = (moment.embeddings, moment.video_mask, moment.window.sound, moment.window.sound_mask)
    said = judge.probabilities(HeadInput(*(row[None].astype(np.float32) for row in rows)))
    return np.asarray(said["fused"][0], np.float32)


def _blocks(values: NDArray[np.float32], rows: int, columns: int) -> list[list[float]]:
    """Sums over blocks of `rows` × `columns`."""
    height, width = values.shape
    summed = values.reshape(height // rows, rows, width // columns, columns).sum(axis=(1, 3))
    return [[round(float(value), 5) for value in row] for row in summed]


def _rounded(pair: tuple[float, float]) -> tuple[float, float]:
    return round(pair[0], 4), round(pair[1], 4)
