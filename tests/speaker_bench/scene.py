"""Scenes with a known speaker, made of the channels of real talking faces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.samples import Bools
from edge.sync.signals import Channels
from tests.speaker_bench.talk import People, Talk, joined, late, listening, photograph, sentences

NOBODY = 0
POINTS = 2_000
TURN_POINTS = 400
MOST_LATE = 3
"""Points by which each mouth's lag is off."""


@dataclass(frozen=True)
class Scene:
    """`mouths` {track: (n, C)}, `voice` (n, C), `speech` (n,), and `truth` (n,): whose voice it is, or NOBODY."""

    kind: str
    person: str
    mouths: dict[int, Channels]
    voice: Channels
    speech: Bools
    truth: NDArray[np.int64]


def scenes(people: People, rng: np.random.Generator, rounds: int) -> Iterator[Scene]:
    """Each person as the speaker (or the one who is looked at, while another is heard), `rounds` times."""
    for _ in range(rounds):
        for name in people:
            yield from _of_one(people, name, rng)


def _of_one(people: People, name: str, rng: np.random.Generator) -> Iterator[Scene]:
    other, third = (str(one) for one in rng.permutation([one for one in people if one != name])[:2])
    own = sentences(people[name], POINTS, rng)
    mouth = late(own.mouth, int(rng.integers(-MOST_LATE, MOST_LATE + 1)))
    beside = people[other]
    yield _scene("one face, its own voice", name, {1: mouth}, own, 1)
    yield _scene("two, the other a photograph", name, {1: mouth, 2: photograph(beside, POINTS, rng)}, own, 1)
    yield _scene("two, the other listens", name, {1: mouth, 2: listening(beside, POINTS, rng)}, own, 1)
    yield _scene("two, the other talks unheard", name, {1: mouth, 2: sentences(beside, POINTS, rng).mouth}, own, 1)
    heard = sentences(people[third], POINTS, rng)
    silent = listening(people[name], POINTS, rng)
    talking = sentences(people[name], POINTS, rng).mouth
    yield _scene("off-screen, one listens", name, {1: silent}, heard, NOBODY)
    yield _scene("off-screen, one talks unheard", name, {1: talking}, heard, NOBODY)
    both = {1: talking, 2: listening(beside, POINTS, rng)}
    yield _scene("off-screen, one of two talks unheard", name, both, heard, NOBODY)
    yield _dialogue(people, name, other, rng)


def _scene(kind: str, person: str, mouths: dict[int, Channels], heard: Talk, speaker: int) -> Scene:
    return Scene(kind, person, mouths, heard.voice, heard.speech, np.full(POINTS, speaker))


def _dialogue(people: People, name: str, other: str, rng: np.random.Generator) -> Scene:
    """The two take turns of four seconds and listen to each other."""
    names = {1: name, 2: other}
    turns: list[Talk] = []
    mouths: dict[int, list[Channels]] = {1: [], 2: []}
    truth = np.resize(np.repeat([1, 2], TURN_POINTS), POINTS)
    for speaker in truth[::TURN_POINTS]:
        turn = sentences(people[names[int(speaker)]], TURN_POINTS, rng)
        turns.append(turn)
        mouths[int(speaker)].append(turn.mouth)
        mouths[3 - int(speaker)].append(listening(people[names[3 - int(speaker)]], TURN_POINTS, rng))
    heard = joined(turns)
    whole = {track: np.concatenate(parts) for track, parts in mouths.items()}
    return Scene("two in turns of 4 s", name, whole, heard.voice, heard.speech, truth)
