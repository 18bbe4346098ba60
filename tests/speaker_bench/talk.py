"""Paired channels of real talking faces, cut and joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.features.sound_features import joined as one_run
from edge.samples import Bools
from edge.sync.mouth_mode import MOTION_COLUMN
from edge.sync.signals import Channels, mouth_channels, speech_at, voice_channels
from edge.sync.tracks import of_track
from tests.sync_bench.clips import Clip, by_subject
from tests.sync_bench.sights import Sights
from tests.sync_bench.stream import hear, samples

AWAY_FROM_SPEECH = 15
LEAST_SILENCE = 25
MARGIN = (10, 60)
"""Points of silence that are left before and after a sentence."""
FROZEN_MOTION = np.log(0.02)


@dataclass(frozen=True)
class Talk:
    """`mouth` and `voice` (n, C), `speech` (n,), at 100 Hz."""

    mouth: Channels
    voice: Channels
    speech: Bools

    def part(self, begin: int, end: int) -> Talk:
        """Points begin … end − 1."""
        return Talk(self.mouth[begin:end], self.voice[begin:end], self.speech[begin:end])


People = dict[str, list[Talk]]


def people_of(clips: list[Clip], sights: Sights) -> People:
    """Each person's clips as channels."""
    return {name: [_talk(clip, sights) for clip in own] for name, own in by_subject(clips).items()}


def _talk(clip: Clip, sights: Sights) -> Talk:
    """One clip, from the first to the last sight of its face."""
    frames = sights.of(clip)
    track = next(face.track for frame in frames for face in frame.faces)
    seen = of_track(frames, track)
    runs = hear(samples(clip))
    run = one_run(runs, runs[-1].noise_db)
    grid_ns = run.t_ns[(run.t_ns >= seen[0][0]) & (run.t_ns <= seen[-1][0])]
    return Talk(mouth_channels(seen, grid_ns), voice_channels(run, grid_ns), speech_at(run, grid_ns))


def joined(talks: Sequence[Talk]) -> Talk:
    """One after the other."""
    return Talk(*(np.concatenate([getattr(talk, name) for talk in talks]) for name in ("mouth", "voice", "speech")))


def sentences(talks: Sequence[Talk], points: int, rng: np.random.Generator) -> Talk:
    """One person's sentences in random order and with random pauses, the first one from somewhere in its first half."""
    parts: list[Talk] = []
    while sum(len(part.speech) for part in parts) < points:
        talk = talks[int(rng.integers(len(talks)))]
        spoken = np.flatnonzero(talk.speech)
        begin = max(0, int(spoken[0]) - int(rng.integers(*MARGIN)))
        if not parts:
            begin = max(begin, int(rng.integers(len(talk.speech) // 2)))
        parts.append(talk.part(begin, int(spoken[-1]) + int(rng.integers(*MARGIN))))
    return joined(parts).part(0, points)


def listening(talks: Sequence[Talk], points: int, rng: np.random.Generator) -> Channels:
    """The face before and after its sentences, forth and back, so that nothing jumps."""
    parts: list[Channels] = []
    while sum(map(len, parts)) < points:
        talk = talks[int(rng.integers(len(talks)))]
        spoken = np.flatnonzero(talk.speech)
        before = talk.mouth[: max(0, int(spoken[0]) - AWAY_FROM_SPEECH)]
        silence = before if rng.random() < 0.5 else talk.mouth[int(spoken[-1]) + AWAY_FROM_SPEECH :]
        if len(silence) >= LEAST_SILENCE:
            parts += [silence, silence[::-1]]
    return np.concatenate(parts)[:points]


def photograph(talks: Sequence[Talk], points: int, rng: np.random.Generator) -> Channels:
    """A face that never moves."""
    mouth = talks[int(rng.integers(len(talks)))].mouth
    frozen = np.tile(mouth[rng.integers(len(mouth))], (points, 1))
    frozen[:, 0], frozen[:, MOTION_COLUMN] = 0.0, FROZEN_MOTION
    return frozen


def late(mouth: Channels, points: int) -> Channels:
    """A mouth whose lag was not quite taken out; what the shift leaves open is unknown."""
    moved = np.roll(mouth, points, axis=0)
    moved[slice(0, points) if points >= 0 else slice(points, None)] = np.nan
    return moved
