"""Random feeds of both graphs, and whether two engines say the same."""

from __future__ import annotations

import numpy as np

from edge.infer.card import load_card
from edge.samples import FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES

CARD = load_card()
RNG = np.random.default_rng(7)


def crops(n=1):
    return {"crops": RNG.uniform(0, 255, (n, 1, 128, 128)).astype(np.float32)}


def rows(n=1):
    return {
        "embeddings": RNG.normal(size=(n, VIDEO_SLOTS, CARD.embedding_size)).astype(np.float32),
        "video_mask": np.ones((n, VIDEO_SLOTS), np.float32),
        "sound": RNG.normal(size=(n, WINDOW_FRAMES, FEATURE_SIZE)).astype(np.float32),
        "sound_mask": np.ones((n, WINDOW_FRAMES), np.float32),
    }


def same(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name])
