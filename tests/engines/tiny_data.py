"""Sixteen faces and sixteen voices that have nothing to do with people: small enough to learn by heart."""

import numpy as np

from edge.samples import EMOTIONS, WINDOW_FRAMES
from engines.faces import FaceSet
from engines.sounds import SpeechSet

COUNT = 16
LABELS = np.arange(COUNT) % len(EMOTIONS)
PARTS = np.repeat(["train", "validation"], COUNT)


def tiny_faces(side=32):
    """Random blots, each once to train on and once to judge by."""
    random = np.random.default_rng(1)
    coarse = random.integers(0, 256, (COUNT, 4, 4)).astype(np.uint8)
    pooled = np.tile(coarse.repeat(side // 4, axis=1).repeat(side // 4, axis=2), (2, 1, 1))
    labels = np.tile(LABELS, 2)
    yes = np.ones(2 * COUNT, np.bool_)
    return FaceSet(pooled, np.eye(len(EMOTIONS), dtype=np.float32)[labels], labels, PARTS, yes, yes, yes)


def tiny_speech():
    """One window of noise around a sound of its own for each voice, by two speakers in each part."""
    random = np.random.default_rng(2)
    own = np.tile(random.normal(0.0, 1.0, (COUNT, 1, 120)), (2, 1, 1))
    features = own + 0.1 * random.normal(0.0, 1.0, (2 * COUNT, WINDOW_FRAMES, 120))
    n = 2 * COUNT
    return SpeechSet(
        features=features.reshape(-1, 120).astype(np.float16),
        voiced=np.ones(n * WINDOW_FRAMES, np.bool_),
        starts=np.arange(n + 1) * WINDOW_FRAMES,
        labels=np.tile(LABELS, 2),
        parts=PARTS,
        sets=np.repeat("emodb", n),
        speakers=np.where(np.arange(n) % 2, "03", "08"),
        noisy=np.zeros(n, np.bool_),
    )
