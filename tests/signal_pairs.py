"""How well each pair of channels of mouth and voice goes together on real talking faces.

    python -m tests.signal_pairs [--av ZIP] [--json]

Correlation and lead are those of a person's clips together; a mouth is then compared with its own voice and with other
people's voices, at the mean lead of the other people, in pieces of some seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console

from edge.errors import EdgeError
from edge.features.sound_features import joined as joined_runs
from edge.sync.signals import CHANNEL_WEIGHTS, SIGNAL_RATE_HZ, STEP_NS, Channels, Signal, mouth_channels, voice_channels
from tests.sync_bench.archive import add_archive, opened
from tests.sync_bench.clips import Clip, by_subject
from tests.sync_bench.peak import sub_sample_peak
from tests.sync_bench.sights import Sights
from tests.sync_bench.stream import hear, length_ns, samples
from tests.sync_bench.table import Table, percent

MOST_LAG = 60
NEAR_MS = 45.0
PIECES_S = (1, 3, 5)
HOP = 25
ELSEWHERE = (70, 160)
"""Where foreign voices begin: all sentences of GRID have one rhythm."""
NAMES = ("jaw and opening speed – slope", "opening – level", "motion – change")


@dataclass(frozen=True)
class Pair:
    """One clip: channels (n, C) of its mouth and its voice, where both are known."""

    mouth: Channels
    voice: Channels

    def curve(self, weights: Signal) -> Signal:
        """Weighted correlation at −MOST_LAG … MOST_LAG points; > 0: the voice comes later."""
        return np.asarray([agreement(self, lag, weights) for lag in range(-MOST_LAG, MOST_LAG + 1)])


def seen_and_heard(clip: Clip, sights: Sights) -> Pair:
    """The channels of one clip from its file's zero on."""
    faces = [(frame.t_ns, face) for frame in sights.of(clip) for face in frame.faces]
    first = faces[0][1].track
    grid_ns = np.arange(0, length_ns(clip), STEP_NS, dtype=np.int64)
    mouth = mouth_channels([(t_ns, face) for t_ns, face in faces if face.track == first], grid_ns)
    voice = voice_channels(joined_runs(hear(samples(clip)), 0.0), grid_ns)
    known = np.isfinite(mouth).all(axis=1) & np.isfinite(voice).all(axis=1)
    return Pair(mouth[known], voice[known])


def agreement(pair: Pair, lag: int, weights: Signal) -> float:
    """Weighted correlation of mouth[i] and voice[i + lag]; 0 for a channel that stands still."""
    count = min(len(pair.mouth), len(pair.voice)) - abs(lag)
    mouth = pair.mouth[max(0, -lag) :][:count]
    voice = pair.voice[max(0, lag) :][:count]
    mouth, voice = mouth - mouth.mean(axis=0), voice - voice.mean(axis=0)
    size = np.sqrt((mouth**2).sum(axis=0) * (voice**2).sum(axis=0))
    return float(weights @ np.where(size > 0, (mouth * voice).sum(axis=0) / np.maximum(size, 1e-12), 0.0))


def peak_ms(curve: Signal) -> float:
    """Where a curve is highest."""
    return (sub_sample_peak(curve)[0] - MOST_LAG) * 1000.0 / SIGNAL_RATE_HZ


def looped(pairs: Sequence[Pair], points: int) -> Pair:
    """A person's clips end to end, often enough for pieces of `points` that begin anywhere in the first round."""
    mouth, voice = (np.concatenate([getattr(pair, side) for pair in pairs]) for side in ("mouth", "voice"))
    rounds = 1 + -(-(points + MOST_LAG) // len(mouth))
    return Pair(np.tile(mouth, (rounds, 1)), np.tile(voice, (rounds, 1)))


def own_against_foreign(people: dict[str, list[Pair]], leads: dict[str, float], seconds: int, weights: Signal) -> float:
    """Mean over people of the chance that a mouth agrees better with its own voice than with another's (AUC)."""
    points, chances = seconds * SIGNAL_RATE_HZ, []
    talks = {name: looped(pairs, points) for name, pairs in people.items()}
    for name, talk in talks.items():
        lag = round(float(np.mean([lead for other, lead in leads.items() if other != name])) / 10.0)
        begins = range(0, sum(len(pair.mouth) for pair in people[name]), HOP)
        mouths = [talk.mouth[begin : begin + points] for begin in begins]
        own = scores(mouths, talk.voice, lag, weights)
        others = [talks[other].voice for other in talks if other != name]
        foreign = [score for voice in others for at in ELSEWHERE for score in scores(mouths, voice, at, weights)]
        wins = np.subtract.outer(own, foreign)
        chances.append(float((wins > 0).mean() + 0.5 * (wins == 0).mean()))
    return float(np.mean(chances))


def scores(mouths: Sequence[Channels], voice: Channels, begin: int, weights: Signal) -> list[float]:
    """Agreement of pieces of a mouth, HOP apart, with as long pieces of a voice, the first of which lies at `begin`."""
    voices = [
        np.take(voice, range(begin + n * HOP, begin + n * HOP + len(mouth)), axis=0, mode="wrap")
        for n, mouth in enumerate(mouths)
    ]
    return [agreement(Pair(mouth, said), 0, weights) for mouth, said in zip(mouths, voices, strict=True)]


def add_row(table: Table, words: str, people: dict[str, list[Pair]], weights: Signal) -> None:
    """The figures of one weighting of the pairs."""
    curves = {name: [pair.curve(weights) for pair in pairs] for name, pairs in people.items()}
    together = {name: np.mean(some, axis=0) for name, some in curves.items()}
    leads = {name: peak_ms(curve) for name, curve in together.items()}
    near = [abs(peak_ms(curve) - leads[name]) <= NEAR_MS for name, some in curves.items() for curve in some]
    spread = list(leads.values())
    table.add(
        words,
        float(np.mean([curve.max() for curve in together.values()])),
        float(np.mean(spread)),
        float(np.std(spread, ddof=1)),
        percent(float(np.mean(near))),
        *(f"{own_against_foreign(people, leads, seconds, weights):.3f}" for seconds in PIECES_S),
    )


def pairs_table(people: dict[str, list[Pair]]) -> Table:
    """All pairs together, then each alone."""
    columns = ("pair", "correlation", "lead, ms", "sd, ms", "clips near %", *(f"AUC {s} s" for s in PIECES_S))
    table = Table(
        "pairs", "Mouth and voice", columns, f"near: a clip's own peak within {NEAR_MS:.0f} ms of its person's"
    )
    add_row(table, "all", people, CHANNEL_WEIGHTS)
    for name, weights in zip(NAMES, np.eye(len(NAMES)), strict=True):
        add_row(table, name, people, weights)
    return table


def main() -> int:
    """Measure and print; 1 when there is no archive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_archive(parser)
    parser.add_argument("--json", action="store_true", help="figures as JSON instead of a table")
    options = parser.parse_args()
    try:
        with opened(options.av) as (clips, sights):
            people = {name: [seen_and_heard(clip, sights) for clip in some] for name, some in by_subject(clips).items()}
    except EdgeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    table = pairs_table(people)
    if options.json:
        print(json.dumps(table.json(), indent=1))
    else:
        Console().print(table.rich())
    return 0


if __name__ == "__main__":
    sys.exit(main())
