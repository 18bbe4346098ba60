"""From a recording's features to the seconds that are judged, and from those to one answer for the utterance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_S
from edge.infer.utterance import Utterance
from edge.infer.verdict import softmax
from edge.samples import FEATURE_RATE_HZ, FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES, Bools, Floats
from engines.evaluation.judge import HeadInput
from engines.sounds import HOP_FRAMES, VOICED_AT, VOICED_SHARE

Frames = NDArray[np.int64]


def voiced_windows(voice: Floats) -> tuple[Frames, Floats]:
    """First frames of windows with speech, a quarter of a second apart, and the share of speech in each.

    `voice` (frames,) is the probability of speech. If no window has enough speech, the most voiced one is taken.
    """
    begins = np.arange(0, max(0, len(voice) - WINDOW_FRAMES) + 1, HOP_FRAMES)
    voiced: Bools = voice >= VOICED_AT
    share = np.array([voiced[at : at + WINDOW_FRAMES].mean() if len(voice) else 0.0 for at in begins], np.float32)
    kept = share >= VOICED_SHARE
    if not kept.any():
        kept[share.argmax()] = True
    return begins[kept], share[kept]


def sound_windows(features: Floats, first: Frames, embedding_size: int) -> HeadInput:
    """Windows of `features` (frames, 120) that begin at `first`, without picture; masked beyond the recording's end."""
    n = len(first)
    sound = np.zeros((n, WINDOW_FRAMES, FEATURE_SIZE), np.float32)
    mask = np.zeros((n, WINDOW_FRAMES), np.float32)
    for place, begin in enumerate(first):
        taken = features[begin : begin + WINDOW_FRAMES]
        sound[place, : len(taken)] = taken
        mask[place, : len(taken)] = 1.0
    slots = np.zeros((n, VIDEO_SLOTS, embedding_size), np.float32)
    return HeadInput(slots, np.zeros((n, VIDEO_SLOTS), np.float32), sound, mask)


def put_pictures(windows: HeadInput, first: Frames, embeddings: Floats, times_s: Floats, sound_from_s: float) -> None:
    """Lay pictures into the slots of the windows that they fall into; `times_s` (n,) counts as `sound_from_s` does."""
    for place, begin in enumerate(first):
        since_s = times_s - sound_from_s - begin / FEATURE_RATE_HZ
        slots = np.floor(since_s * VIDEO_SLOTS * FEATURE_RATE_HZ / WINDOW_FRAMES).astype(int)
        inside = (slots >= 0) & (slots < VIDEO_SLOTS)
        windows.embeddings[place, slots[inside]] = embeddings[inside]
        windows.video_mask[place, slots[inside]] = 1.0


def whole_utterance(rows: Floats, first: Frames, voice: Floats, temperature: float) -> Floats:
    """(7,) from the windows' (k, 7): evidence adds up as the daemon's voice does (edge.infer.utterance).

    `temperature` is the utterance's. Where there is too little speech for that, the mean log-probability.
    """
    evidence = Utterance(temperature)
    said: Floats | None = None
    for row, begin, share in zip(rows, first, voice, strict=True):
        end_ns = int(begin + WINDOW_FRAMES) * NS_PER_S // FEATURE_RATE_HZ
        said = evidence.step(end_ns, float(share), row)
    return softmax(np.log(rows + 1e-9).mean(axis=0), 1.0) if said is None else said
