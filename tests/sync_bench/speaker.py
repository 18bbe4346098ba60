"""Whether the right face owns the voice, and whether nobody does when the voice comes from off-screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from edge.clock import NS_PER_S
from edge.samples import Face
from engines.progress import progress
from tests.sync_bench.duo import Pair, two_faces
from tests.sync_bench.stream import Stream
from tests.sync_bench.studio import CLEAN, FOREIGN, Studio
from tests.sync_bench.table import Table, percent
from tests.sync_bench.walk import TICK_NS, Tick, Walk

VOICED = 0.5
"""Least share of a window's second in which the clean voice speaks, to count as a speaking one."""
STEPS = (1, 2, 4)
"""Whom each person in the list is paired with: the one so many places on."""
RUN_S, QUICK_S = 20.0, 10.0


@dataclass(frozen=True)
class Turn:
    """One window: `owner` is True where the right face owns the voice, False where another one does."""

    speaking: bool
    owner: bool | None


@dataclass(frozen=True)
class Ownership:
    """Shares of the speaking windows, and how steady the choice is."""

    right: float
    wrong: float
    nobody: float
    swaps_per_min: float
    first_s: float | None
    """Median seconds from the begin of the stream to the first right choice, of the runs that come to one."""


def turns(stream: Stream, ticks: Iterable[Tick], is_speaker: Callable[[Face], bool]) -> list[Turn]:
    """What each window decided."""
    found = []
    for tick in ticks:
        share = stream.speech_s(tick.end_ns) - stream.speech_s(tick.end_ns - NS_PER_S)
        owner = next((is_speaker(one.face) for one in tick.window.faces if one.speaking), None)
        found.append(Turn(share >= VOICED, owner))
    return found


def judged(runs: Sequence[Sequence[Turn]]) -> Ownership:
    """All runs together. A swap is a change from one face to another, with or without nobody in between."""
    speaking = [turn.owner for run in runs for turn in run if turn.speaking]
    swaps = sum(_swaps(run) for run in runs)
    minutes = sum(len(run) for run in runs) * TICK_NS / NS_PER_S / 60
    firsts = [1.0 + place * TICK_NS / NS_PER_S for run in runs if (place := _first(run)) is not None]
    count = max(1, len(speaking))
    return Ownership(
        right=speaking.count(True) / count,
        wrong=speaking.count(False) / count,
        nobody=speaking.count(None) / count,
        swaps_per_min=swaps / minutes if minutes else 0.0,
        first_s=float(np.median(firsts)) if firsts else None,
    )


def _swaps(run: Sequence[Turn]) -> int:
    owners = [turn.owner for turn in run if turn.owner is not None]
    return sum(now != before for before, now in zip(owners, owners[1:], strict=False))


def _first(run: Sequence[Turn]) -> int | None:
    return next((place for place, turn in enumerate(run) if turn.owner), None)


def pairs(studio: Studio, steps: Sequence[int], *, still: bool) -> list[Pair]:
    """Everybody as the speaker, on the left and on the right by turns."""
    names = list(studio.people)
    found = []
    for step in steps:
        for place, name in enumerate(names):
            other = names[(place + step) % len(names)]
            if other != name:
                found.append(Pair(name, other, on_left=(place + step) % 2 == 0, still=still))
    return found


def speaker_tables(studio: Studio, *, quick: bool) -> list[Table]:
    """Accuracy with two faces, and false owners where nobody in the picture is heard."""
    steps, seconds = (STEPS[:1], QUICK_S) if quick else (STEPS, RUN_S)
    table = Table(
        "speaker",
        "Whose voice it is",
        ("picture and voice", "runs", "right %", "wrong %", "nobody %", "swaps a minute", "first right after s"),
        f"shares of the windows in whose second at least {VOICED:.0%} is speech; {seconds:g} s a run",
    )
    for still, shift_ms, words in (
        (False, 0, "two faces, the other one talks, too"),
        (False, 200, "the same, sound 200 ms late"),
        (True, 0, "two faces, the other one a photograph"),
    ):
        runs = [
            _run(two_faces(studio, pair, seconds).shifted(shift_ms), pair.is_speaker)
            for pair in progress(pairs(studio, steps, still=still), words)
        ]
        _add(table, words, runs)
    strangers = [
        two_faces(studio, pair, seconds, voice_of=pair.other) for pair in pairs(studio, steps[:2], still=False)
    ]
    _add(table, "two faces, voice from off-screen", [_run(stream, _nobody) for stream in strangers])
    for words, condition, is_speaker in (
        ("one face, voice from off-screen", FOREIGN, _nobody),
        ("one face, its own voice", CLEAN, _anybody),
    ):
        alone = [studio.made(clips, condition, seconds) for clips in studio.people.values()]
        _add(table, words, [_run(stream, is_speaker) for stream in alone])
    return [table]


def _run(stream: Stream, is_speaker: Callable[[Face], bool]) -> list[Turn]:
    return turns(stream, Walk(stream).ticks(), is_speaker)


def _nobody(_face: Face) -> bool:
    return False


def _anybody(_face: Face) -> bool:
    return True


def _add(table: Table, words: str, runs: Sequence[Sequence[Turn]]) -> None:
    score = judged(runs)
    table.add(
        words,
        len(runs),
        percent(score.right),
        percent(score.wrong),
        percent(score.nobody),
        score.swaps_per_min,
        score.first_s,
    )
