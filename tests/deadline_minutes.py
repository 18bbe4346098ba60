"""Is every tick answered in time? The real daemon on a clip for some minutes, idle or with one core kept busy.

    python -m tests.deadline_minutes [--minutes 10] [--hog] [--clip FILE] [--json]

A tick is late when its message is not read by another process within 210 ms of T. The first seconds are not counted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from edge.capture.demo import demo_clip
from edge.clock import NS_PER_MS, NS_PER_S

WARM_UP_S = 5.0
ANSWERED_BY_MS = 210.0
HOG = (
    "import os\nif hasattr(os, 'sched_setaffinity'):\n    os.sched_setaffinity(0, {{{core}}})\nwhile True:\n    pass\n"
)


@dataclass(frozen=True)
class Heard:
    """One message and when it was read, CLOCK_MONOTONIC."""

    message: dict[str, Any]
    at_ns: int

    @property
    def after_ms(self) -> float:
        """From T to the answer."""
        return float(self.at_ns - self.message["t_ns"]) / NS_PER_MS


@dataclass(frozen=True)
class Report:
    """`ticks` is how many there were, answered or not; `missed` are those not answered, not by the judge, or `late`."""

    minutes: float
    hogged: bool
    cores: int
    ticks: int
    answered: int
    without_judge: int
    late: int
    filled_in: int
    missed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


@contextlib.contextmanager
def hog(wanted: bool) -> Iterator[None]:
    """One core kept busy by another process."""
    if not wanted:
        yield
        return
    core = min(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    with subprocess.Popen([sys.executable, "-c", HOG.format(core=core)]) as busy:
        try:
            yield
        finally:
            busy.kill()


def listen(clip: Path, seconds: float, went_on: Any) -> list[Heard]:
    """All messages of one run of `seconds`, and of the warm-up before it."""
    words = ["--camera", str(clip), "--mic", str(clip), "--loop", "--broker", "none", "--json"]
    command = [sys.executable, "-m", "edge.cli", "run", *words, "--duration", str(seconds + WARM_UP_S)]
    heard: list[Heard] = []

    def read(lines: Any) -> None:
        for line in lines:
            at_ns = time.monotonic_ns()
            heard.append(Heard(json.loads(line), at_ns))

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        try:
            reader = threading.Thread(target=read, args=(daemon.stdout,))
            reader.start()
            while daemon.poll() is None:
                went_on((heard[-1].at_ns - heard[0].at_ns) / NS_PER_S if heard else 0.0)
                time.sleep(0.5)
            reader.join()
        finally:
            daemon.terminate()
    return heard


def report(heard: list[Heard], minutes: float, hogged: bool) -> Report:
    """The figures of all ticks after the warm-up."""
    counted = [one for one in heard if one.at_ns >= heard[0].at_ns + WARM_UP_S * NS_PER_S] if heard else []
    if not counted:
        raise SystemExit("the daemon gave no results: run it by hand to see why")
    seqs = [one.message["seq"] for one in counted]
    after_ms = np.asarray([one.after_ms for one in counted])
    syncs = [one.message["sync"] for one in counted]
    poor = [sync["deadline_missed"] or after > ANSWERED_BY_MS for sync, after in zip(syncs, after_ms, strict=True)]
    ticks, answered = max(seqs) - min(seqs) + 1, len(set(seqs))
    p50, p95, p99, most = (round(float(np.percentile(after_ms, share)), 1) for share in (50, 95, 99, 100))
    return Report(
        minutes=minutes,
        hogged=hogged,
        cores=os.cpu_count() or 1,
        ticks=ticks,
        answered=answered,
        without_judge=sum(sync["deadline_missed"] for sync in syncs),
        late=int((after_ms > ANSWERED_BY_MS).sum()),
        filled_in=sum(max(sync["interpolated"].values()) > 0 for sync in syncs),
        missed=ticks - answered + int(sum(poor)),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=most,
    )


def show(made: Report) -> None:
    """The table for people."""
    load = "one core hogged" if made.hogged else "idle"
    table = Table("", "ticks", "share", title=f"{made.minutes:g} min, {load}, {made.cores} cores", title_justify="left")
    for name, count in (
        ("ticks", made.ticks),
        ("answered", made.answered),
        ("answered without the judge", made.without_judge),
        (f"answered later than T + {ANSWERED_BY_MS:g} ms", made.late),
        ("missed in all", made.missed),
        ("windows with something filled in", made.filled_in),
    ):
        table.add_row(name, str(count), f"{count / made.ticks:.2%}")
    for name, value in (("p50", made.p50_ms), ("p95", made.p95_ms), ("p99", made.p99_ms), ("max", made.max_ms)):
        table.add_row(f"from T to the answer, {name}", f"{value:g} ms", "")
    Console().print(table)


def main() -> None:
    words = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog="Example: python -m tests.deadline_minutes --minutes 1 --hog"
    )
    words.add_argument("--minutes", type=float, default=10.0, help="how long to measure (10)")
    words.add_argument("--hog", action="store_true", help="keep one core busy meanwhile")
    words.add_argument("--clip", type=Path, help="the clip that is camera and microphone (the built-in one)")
    words.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    options = words.parse_args()
    seconds = options.minutes * 60
    with Progress(console=Console(stderr=True), transient=True) as progress, hog(options.hog):
        task = progress.add_task("measuring", total=seconds + WARM_UP_S)
        clip = options.clip or demo_clip()
        heard = listen(clip, seconds, lambda done_s: progress.update(task, completed=done_s))
    made = report(heard, options.minutes, options.hog)
    if options.json:
        print(json.dumps(asdict(made)))
    else:
        show(made)


if __name__ == "__main__":
    main()
