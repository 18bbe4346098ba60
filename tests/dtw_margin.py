"""Which penalty and which margin a warping path needs: on real talking faces, each person judged by the others' choice.

    python -m tests.dtw_margin [--av ZIP] [--json]

The sound of every person is moved by what an estimated lag may leave, and a foreign voice is given to every face. Told
is how far the sound then lies from where the clip has it. A mouth leads its voice by PERSON_LEAD_MS, which windows are
freed of before; `own lead known` tells what is left when that is done by each person's own lead.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from edge.clock import NS_PER_MS, NS_PER_S
from edge.errors import EdgeError
from edge.features.sound_features import joined as joined_runs
from edge.samples import WINDOW_FRAMES, Face, SoundFrames
from edge.sync.dtw import FRAME_MS, PENALTY, Warp, warp
from edge.sync.lag import PERSON_LEAD_MS
from edge.sync.signals import STEP_NS, Channels, mouth_channels, speech_at, voice_channels
from tests.sync_bench.archive import add_archive, opened
from tests.sync_bench.clips import Clip, by_subject
from tests.sync_bench.sights import Sights
from tests.sync_bench.stream import hear, joined, picture, waves
from tests.sync_bench.table import Table, percent

SHIFTS_MS = (0, 20, 40, 60, 80, 120)
RUN_UPS_S = (0.0, 1.0, 2.0)
PENALTIES = (3.0, 3.5, 4.0, 4.5, 5.0)
MARGINS = (0.0, 0.02, 0.05, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.25)
IN_STEP_MS = 10.0
"""How far the sound of a clip in step may be moved, on an average over its windows, whoever speaks."""
WRONG_OWNER = 0.05
"""How often a voice from off-screen is given to a face: the right one is to be found in 95 % of the seconds."""
LEAST_S = 8.0
HOP_NS = 400 * NS_PER_MS
LEAST_VOICE = 0.2


Floats64 = NDArray[np.float64]


@dataclass(frozen=True)
class Talker:
    """One person's clips end to end. `lead_ns`: how much earlier the mouth is taken to move than the voice sounds."""

    name: str
    sights: list[tuple[int, Face]]
    sound: SoundFrames
    lead_ns: int = 0

    def mouth(self, end_ns: int, points: int) -> Channels:
        """The mouth's channels of the `points` before a moment."""
        grid_ns = grid(end_ns, points)
        near = [(t, face) for t, face in self.sights if grid_ns[0] - NS_PER_S // 4 <= t <= end_ns]
        return mouth_channels(near, grid_ns)

    def voice(self, end_ns: int, points: int) -> Channels:
        """The voice's channels of the `points` before a moment."""
        return voice_channels(self.sound, grid(end_ns, points))

    def speaks(self, end_ns: int) -> bool:
        """Whether there is speech in the second before a moment."""
        return float(speech_at(self.sound, grid(end_ns, WINDOW_FRAMES)).mean()) >= LEAST_VOICE

    def ends_ns(self) -> Iterator[int]:
        """Ends of windows that have run-up and room for every shift on both sides."""
        yield from range(3 * NS_PER_S + NS_PER_S // 2, int(self.sound.t_ns[-1]) - NS_PER_S // 2, HOP_NS)


@dataclass(frozen=True)
class Trial:
    """One window. `shift_ms` ≥ 0: the lag that remains, None for a foreign voice; `error_ms`: what the path leaves."""

    person: str
    other: str
    shift_ms: float | None
    error_ms: float
    gain: float

    def left_ms(self, margin: float) -> float:
        """How far the sound is off, or a foreign voice moved, when the path is applied above the margin only."""
        return self.error_ms if self.gain > margin else self.shift_ms or 0.0


def grid(end_ns: int, points: int) -> NDArray[np.int64]:
    """The last moments before `end_ns`."""
    return end_ns - STEP_NS * np.arange(points - 1, -1, -1, dtype=np.int64)


def lead_ns(mouth: Channels, voice: Channels, most: int = 30) -> int:
    """Where the pairs of channels (n, C) correlate best, to 10 ms."""
    known = np.asarray(np.isfinite(mouth).all(axis=1) & np.isfinite(voice).all(axis=1))
    picture, sound = (np.where(known[:, None], side - side[known].mean(axis=0), 0.0) for side in (mouth, voice))
    picture, sound = picture / picture.std(axis=0), sound / sound.std(axis=0)
    inside = slice(most, len(known) - most)
    curve = [(picture[inside] * np.roll(sound, -lag, axis=0)[inside]).sum() for lag in range(-most, most + 1)]
    return (int(np.argmax(curve)) - most) * STEP_NS


def talker(name: str, clips: list[Clip], sights: Sights) -> Talker:
    """What camera and microphone give of one person; the largest face is theirs."""
    pieces = joined(clips, LEAST_S)
    frames = [frame for frame in picture(pieces, sights.of) if frame.faces]
    seen = [(frame.t_ns, max(frame.faces, key=lambda face: face.box.width)) for frame in frames]
    runs = hear(waves(pieces))
    return Talker(name, seen, joined_runs(runs, runs[-1].noise_db), round(PERSON_LEAD_MS) * NS_PER_MS)


def with_own_lead(person: Talker) -> Talker:
    """The same with the lead that this very person has in all that is known."""
    end_ns, points = int(person.sound.t_ns[-1]), len(person.sound.t_ns)
    return replace(person, lead_ns=lead_ns(person.mouth(end_ns, points), person.voice(end_ns, points)))


def trials(people: list[Talker], run_up_s: float, penalties: tuple[float, ...]) -> dict[float, list[Trial]]:
    """Every window of every person against the own voice, shifted, and against the others' voices."""
    points = WINDOW_FRAMES + round(run_up_s * 1000 / FRAME_MS)
    out: dict[float, list[Trial]] = {penalty: [] for penalty in penalties}
    for person in track(people, f"run-up {run_up_s:g} s", transient=True):
        for number, end_ns in enumerate(person.ends_ns()):
            mouth = person.mouth(end_ns, points)
            for other, voice_ns, shift_ms in _voices(person, people, number, end_ns):
                if not other.speaks(voice_ns):
                    continue
                voice = other.voice(voice_ns, points)
                for penalty in penalties:
                    path = warp(mouth, voice, penalty=penalty)
                    if isinstance(path, Warp):
                        out[penalty].append(_trial(person.name, other.name, shift_ms, path))
    return out


def _voices(
    person: Talker, people: list[Talker], number: int, end_ns: int
) -> Iterator[tuple[Talker, int, float | None]]:
    """Whose voice, its window's end and the lag that remains; None for a foreign voice."""
    for shift_ms in sorted({sign * ms for ms in SHIFTS_MS for sign in (1, -1)}):
        yield person, end_ns + person.lead_ns - shift_ms * NS_PER_MS, float(shift_ms)
    others = [other for other in people if other.name != person.name]
    other = others[number % len(others)]
    ends_ns = list(other.ends_ns())
    yield other, ends_ns[number % len(ends_ns)], None


def _trial(person: str, other: str, shift_ms: float | None, path: Warp) -> Trial:
    straight = np.arange(len(path.sound_at)) + (shift_ms or 0.0) / FRAME_MS
    error_ms = float(np.abs(path.sound_at - straight).mean()) * FRAME_MS
    return Trial(person, other, None if shift_ms is None else abs(shift_ms), error_ms, path.gain)


def people_ms(some: list[Trial], shift_ms: float | None, margin: float) -> Floats64:
    """Each person's mean distance from the right place; for None what a foreign voice is moved by."""
    by_person: dict[str, list[float]] = {}
    for trial in some:
        if trial.shift_ms == shift_ms:
            by_person.setdefault(trial.person, []).append(trial.left_ms(margin))
    return np.asarray([np.mean(left) for left in by_person.values()])


def judged(some: list[Trial], margin: float) -> tuple[bool, float]:
    """Whether somebody in step is moved too far, and the mean distance when all remaining lags are alike frequent."""
    own = float(np.mean([people_ms(some, shift_ms, margin).mean() for shift_ms in SHIFTS_MS]))
    foreign = float(people_ms(some, None, margin).mean())
    return bool(people_ms(some, 0, margin).max() > IN_STEP_MS), (1 - WRONG_OWNER) * own + WRONG_OWNER * foreign


def choice(tried: dict[float, list[Trial]], without: str | None = None) -> tuple[float, float]:
    """Penalty and margin of the least distance where clips in step stay, by all windows without one person's."""
    kept = {penalty: [t for t in some if without not in (t.person, t.other)] for penalty, some in tried.items()}
    return min(((p, m) for p in kept for m in MARGINS), key=lambda pair: judged(kept[pair[0]], pair[1]))


def held_out(title: str, tried: dict[float, list[Trial]]) -> Table:
    """Each person judged by the others' choice."""
    chosen = {name: choice(tried, name) for name in sorted({trial.person for trial in next(iter(tried.values()))})}
    penalty, margin = choice(tried)
    note = f"penalty {penalty:g}, margin {margin:g} by all; by the others: {sorted(set(chosen.values()))}"
    columns = ("remaining lag, ms", "windows", "applied %", "left, ms", "p95", "worst person")
    table = Table("dtw", title, columns, note)
    for shift_ms in (*SHIFTS_MS, None):
        left = {name: _left(tried[chosen[name][0]], name, shift_ms, chosen[name][1]) for name in chosen}
        every = np.concatenate(list(left.values()))
        means = [float(some[:, 0].mean()) for some in left.values()]
        table.add(
            "foreign voice" if shift_ms is None else shift_ms,
            len(every),
            percent(float(every[:, 1].mean())),
            float(np.mean(means)),
            float(np.percentile(every[:, 0], 95)),
            max(means),
        )
    return table


def _left(some: list[Trial], person: str, shift_ms: float | None, margin: float) -> Floats64:
    """Distance and whether the path is applied (windows, 2), of one person."""
    mine = [trial for trial in some if trial.person == person and trial.shift_ms == shift_ms]
    return np.asarray([(trial.left_ms(margin), trial.gain > margin) for trial in mine], np.float64)


def main() -> int:
    """Measure and print; 1 when there is no archive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_archive(parser)
    parser.add_argument("--json", action="store_true", help="figures as JSON instead of tables")
    options = parser.parse_args()
    try:
        with opened(options.av) as (clips, sights):
            people = [talker(name, some, sights) for name, some in by_subject(clips).items()]
    except EdgeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    tables = [held_out(f"Run-up {run_up_s:g} s", trials(people, run_up_s, PENALTIES)) for run_up_s in RUN_UPS_S]
    known = [with_own_lead(person) for person in people]
    tables.append(held_out(f"Run-up {RUN_UPS_S[-1]:g} s, own lead known", trials(known, RUN_UPS_S[-1], (PENALTY,))))
    if options.json:
        print(json.dumps([table.json() for table in tables], indent=1))
    else:
        Console().print(*(table.rich() for table in tables))
    return 0


if __name__ == "__main__":
    sys.exit(main())
