"""The rows that a device makes of faces and sounds: both together, either alone, in company, and where one fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from edge.features.sound_features import sound_matrix
from edge.infer.plan_shapes import FACES
from edge.samples import RATE_HZ, VIDEO_SLOTS, WINDOW_FRAMES
from engines.parity.feeds import Row, Sight, Sound

_COMPANY_EVERY = 5


def rows_of(sights: Sequence[Sight], sounds: Sequence[Sound]) -> Iterator[Row]:
    """For each moment up to six rows; after every fifth one a window of 2 … 8 faces; at last one that is empty."""
    random, silence = np.random.default_rng(0), _silence()
    for number, (sight, sound) in enumerate(zip(sights, sounds, strict=True)):
        if sight and sound:
            yield Row(sight, sound, "face and voice")
        if sight:
            yield Row(sight, sound.unheard(), "face alone")
            yield Row(sight, silence, "silence")
            slots = (random.random(VIDEO_SLOTS) < 0.5).astype(np.float32)
            frames = (np.arange(WINDOW_FRAMES) >= random.integers(10, 90)).astype(np.float32)
            yield Row(sight.kept(slots), sound.kept(frames), "partly masked")
        if sound:
            yield Row(sight.unseen(), sound, "voice alone")
            yield Row(Sight.nobody(), sound, "no face")
        if number % _COMPANY_EVERY == 0:
            yield from _company(sights, sound, number)
    yield Row(Sight.nobody(), Sound.none(), "empty")


def _company(sights: Sequence[Sight], sound: Sound, number: int) -> Iterator[Row]:
    """The 3n + 1 rows of a window in which one voice meets n faces: those of other moments."""
    seen = [sight for sight in sights if sight]
    n = min(len(seen), 2 + number // _COMPANY_EVERY % (FACES - 1))
    for step in range(n):
        sight = seen[(number + step * len(seen) // n) % len(seen)]
        yield Row(sight, sound, "several faces")
        yield Row(sight.unseen(), sound, "several faces")
        yield Row(sight, sound.unheard(), "several faces")
    if n:
        yield Row(Sight.nobody(), sound, "several faces")


def _silence() -> Sound:
    """A second from the middle of digital silence."""
    features = sound_matrix(np.zeros(3 * RATE_HZ, np.float32)).features
    return Sound(features[WINDOW_FRAMES : 2 * WINDOW_FRAMES], np.ones(WINDOW_FRAMES, np.float32))
