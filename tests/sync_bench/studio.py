"""Streams to measure with: who speaks, for how long, and what is spoiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from edge.samples import FaceFrame, Floats, SoundFrames
from engines.evaluation.conditions import mixed, pink_noise
from tests.sync_bench.clips import Clip
from tests.sync_bench.sights import Sights, Spoiled
from tests.sync_bench.stream import CHUNK_SAMPLES, Piece, Stream, hear, joined, picture, samples, speech_stamps, waves

LOST_IN_A_ROW = 5
"""Chunks are lost by 100 ms at a time, as when a buffer overflows."""


@dataclass(frozen=True)
class Condition:
    """What is spoiled; the plain one spoils nothing."""

    name: str
    pictures: Spoiled = field(default_factory=Spoiled)
    snr_db: float | None = None
    """Of speech over pink noise."""
    lost: float = 0.0
    """Share of the sound's chunks."""
    jitter_ms: float = 0.0
    """Deviation of the chunks' stamps."""
    foreign: bool = False
    """Whether another person is heard: the seams of joined clips stay, the voice does not fit."""

    @property
    def only_pictures(self) -> bool:
        """Whether the sound is the clean one."""
        of_sound = (self.snr_db, self.lost, self.jitter_ms, self.foreign)
        return self.pictures != Spoiled() and not any(of_sound)


CLEAN = Condition("clean")
CONDITIONS = (
    *(Condition(f"noise {snr} dB", snr_db=snr) for snr in (20, 10, 5)),
    *(Condition(f"{share:.0%} of frames lost", Spoiled(dropped=share)) for share in (0.1, 0.2, 0.3)),
    *(Condition(f"{share:.0%} of chunks lost", lost=share) for share in (0.1, 0.2, 0.3)),
    *(Condition(f"stamps ±{sd} ms", Spoiled(jitter_ms=sd), jitter_ms=sd) for sd in (5, 15)),
)
FOREIGN = Condition("another's voice", foreign=True)
SPOILED_S = 50.0
"""So long are streams with spoiled sound at most: 20 s of speech."""


class Studio:
    """Makes the streams of all people; what was made last is remembered."""

    def __init__(self, people: dict[str, list[Clip]], sights: Sights, seconds: float) -> None:
        self.people = people
        self.sights = sights
        self.seconds = seconds
        self._made: dict[tuple[str, str], Stream] = {}

    def stream(self, subject: str, condition: Condition = CLEAN) -> Stream:
        """All clips of one person, again and again for `seconds`, in step."""
        key = (subject, condition.name)
        if key not in self._made:
            # All people once more beside the clean ones, which are asked for again and again.
            for old in [old for old in self._made if old[1] not in (CLEAN.name, condition.name)]:
                del self._made[old]
            self._made[key] = self._stream(subject, condition)
        return self._made[key]

    def _stream(self, subject: str, condition: Condition) -> Stream:
        clips = self.people[subject]
        if condition.only_pictures:
            pieces = joined(clips, self.seconds)
            return replace(self.stream(subject), faces=self._picture(pieces, condition))
        return self.made(clips, condition, self.seconds if condition is CLEAN else min(self.seconds, SPOILED_S))

    def made(self, clips: Sequence[Clip], condition: Condition = CLEAN, seconds: float | None = None) -> Stream:
        """These clips end to end: once, or again and again until `seconds` are full."""
        pieces = joined(clips, seconds)
        wave = waves(pieces)
        if condition.foreign:
            wave = self.foreign_wave(clips[0].subject, len(wave))
        runs = heard(wave, condition)
        speech_ns = speech_stamps(runs)
        if condition.snr_db is not None or condition.lost:
            speech_ns = self._clean_speech(clips, wave)
        return Stream(self._picture(pieces, condition), runs, speech_ns)

    def _clean_speech(self, clips: Sequence[Clip], wave: Floats) -> NDArray[np.int64]:
        """Where the same sound, not spoiled, holds speech."""
        plain = self._made.get((clips[0].subject, CLEAN.name))
        known = plain is not None and clips == self.people[clips[0].subject]
        return plain.speech_ns if plain is not None and known else speech_stamps(hear(wave))

    def foreign_wave(self, subject: str, count: int) -> Floats:
        """So many samples of the next person in the list, not from the begin: all GRID sentences have one rhythm."""
        names = list(self.people)
        other = self.people[names[(names.index(subject) + 1) % len(names)]]
        wave = np.concatenate([samples(clip) for clip in other])
        return np.resize(np.roll(wave, -round(1.3 * CHUNK_SAMPLES * 50)), count)

    def _picture(self, pieces: Sequence[Piece], condition: Condition) -> list[FaceFrame]:
        return picture(pieces, lambda clip: self.sights.of(clip, condition.pictures))


def heard(wave: Floats, condition: Condition) -> list[SoundFrames]:
    """Feature frames of a wave, spoiled first; the same for the same wave."""
    if condition.snr_db is not None:
        wave = mixed(wave, pink_noise(len(wave), np.random.default_rng(6)), condition.snr_db)
    lost: frozenset[int] = frozenset()
    if condition.lost:
        bursts = np.random.default_rng(7).random(len(wave) // CHUNK_SAMPLES // LOST_IN_A_ROW + 1) < condition.lost
        lost = frozenset(np.flatnonzero(np.repeat(bursts, LOST_IN_A_ROW)).tolist())
    return hear(wave, lost, condition.jitter_ms)
