"""Wall clocks that jump, and one that wakes in 1970."""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone
from pathlib import Path

from tests.bench.row import Row
from tests.device.inside.fault import PAUSE_S, longest_pause_s
from tests.device.inside.place import Place
from tests.device.inside.service import run

HOUR_S = 3600
SPAN_S = 6.0
BORN_S = 100 * 86_400.0
"""Still 1970, but later than the boot: the kernel lets no clock be set to before that."""
RIGHT_S = datetime(2026, 11, 22, tzinfo=timezone.utc).timestamp()
MARK = Path("/run/systemd/timesync/synchronized")


def say_synchronised() -> None:
    """What systemd-timesyncd does whenever it has set the clock: it touches its mark."""
    MARK.parent.mkdir(parents=True, exist_ok=True)
    MARK.touch()
    os.utime(MARK)


def forward(place: Place) -> Row:
    """An hour forward."""
    return _stepped(place, HOUR_S)


def back(place: Place) -> Row:
    """An hour back."""
    return _stepped(place, -HOUR_S)


def _stepped(place: Place, step_s: int) -> Row:
    """The wall clock is set anew in the middle of everything."""
    before, after, told = _stepped_results(place, step_s)
    both = [one.json() for one in (*before, *after)]
    seqs = [result["seq"] for result in both]
    missed = seqs[-1] - seqs[0] + 1 - len(seqs)
    intervals_ms = [round((b["t_ns"] - a["t_ns"]) / 1e6) for a, b in zip(both, both[1:], strict=False)]
    moved_s = _unix_s(after[-1].json()["time"]) - _unix_s(before[-1].json()["time"])
    moved_s -= (after[-1].json()["t_ns"] - before[-1].json()["t_ns"]) / 1e9
    states = [one.topic for one in told]
    return Row(
        f"`date -s` by {step_s // HOUR_S:+d} h",
        f"{missed} ticks missed; t_ns from result to result {min(intervals_ms)}–{max(intervals_ms)} ms; `time` follows "
        f"by {moved_s:+.0f} s; clock_synced {before[-1].json()['clock_synced']} → {after[-1].json()['clock_synced']}; "
        f"{len(states)} changes of state",
        "no tick missed, none doubled; only `time` moves; a clock set by hand is not synchronised",
        missed == 0
        and min(intervals_ms) > 0
        and abs(moved_s - step_s) < 5
        and (before[-1].json()["clock_synced"], after[-1].json()["clock_synced"]) == (True, False)
        and not states,
        {"missed": missed, "intervals_ms": sorted(set(intervals_ms)), "moved_s": round(moved_s, 1)},
    )


def _stepped_results(place: Place, step_s: int):
    say_synchronised()
    began = time.monotonic()
    time.sleep(SPAN_S)
    stepped = time.monotonic()
    run("date", "-s", f"@{time.time() + step_s:.3f}")
    time.sleep(SPAN_S)
    told = [one for stream in ("video", "audio") for one in place.ear.heard(f"status/{stream}", stepped)]
    before, after = place.ear.results(began, stepped), place.ear.results(stepped)
    run("date", "-s", f"@{time.time() - step_s:.3f}")
    return before, after, told


def born_in_1970(place: Place) -> Row:
    """A board without a battery for its clock."""
    place.until(lambda: place.ear.results(0.0), "a result")
    began = time.monotonic()
    told = [_synced_for(place, None), _synced_for(place, BORN_S), _synced_for(place, RIGHT_S)]
    pause_s = longest_pause_s(place.ear.results(began), began, time.monotonic())
    return Row(
        "boot with a battery clock that says 1970; a time daemon that believes in 1970; then in the right time",
        f"clock_synced {told[0]}, {told[1]}, {told[2]}; longest pause {pause_s:.1f} s",
        "clock_synced false, false, true; no pause",
        told == [False, False, True] and pause_s <= PAUSE_S,
        {"clock_synced": told, "pause_s": round(pause_s, 2)},
    )


def _synced_for(place: Place, unix_s: float | None) -> bool:
    """What results say of the clock as it is, or after a time daemon has set it."""
    if unix_s is not None:
        run("date", "-s", f"@{unix_s:.0f}")
        say_synchronised()
    time.sleep(SPAN_S)
    return place.ear.heard("emotion")[-1].json()["clock_synced"]


def _unix_s(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
