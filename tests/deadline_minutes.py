"""Is every tick answered in time? The real daemon on a clip for some minutes, idle or beside busy loops.

    python -m tests.deadline_minutes [--minutes 10] [--hogs N] [--level 0|1|2] [--no-adapt] [--clip FILE] [--json]

`--level` eases the work from the start on, by a made-up folder of thermal zones: what does that save?
A tick is late when its message is not read by another process within 210 ms of T. The first seconds are not counted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from edge.capture.demo import demo_clip
from edge.clock import NS_PER_MS, NS_PER_S
from tests.thermal import ThermalTree

WARM_UP_S = 5.0
EASED_AFTER_S = (0.0, 15.0, 30.0)
"""So long after the start each level has come, at a board that is hot from the start on."""
HEAT_C = (40.0, 95.0, 100.0)
PASSIVE_C = 99.0
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
    hogs: int
    level: int
    cores: int
    cores_used: float
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
def hogging(count: int) -> Iterator[None]:
    """Busy loops, in processes of their own, each bound to a core in turn."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    busy = [
        subprocess.Popen([sys.executable, "-c", HOG.format(core=cores[number % len(cores)])]) for number in range(count)
    ]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()


@contextlib.contextmanager
def board(level: int, adapt: bool) -> Iterator[dict[str, str]]:
    """The environment of a daemon on a board that is as hot as the level asks for."""
    with tempfile.TemporaryDirectory() as folder:
        tree = ThermalTree(Path(folder))
        tree.zone(0, "cpu", HEAT_C[level], passive=PASSIVE_C)
        yield {
            **os.environ,
            "EDGE_EMOTION_LOAD__THERMAL_PATH": str(tree.path),
            "EDGE_EMOTION_LOAD__ADAPT": str(adapt).lower(),
        }


def listen(
    clip: Path, seconds: float, warm_up_s: float, environ: dict[str, str], went_on: Any
) -> tuple[list[Heard], float]:
    """All messages of one run of `seconds`, and of the warm-up before it; and the cores used after the warm-up."""
    words = ["--camera", str(clip), "--mic", str(clip), "--loop", "--broker", "none", "--json"]
    command = [sys.executable, "-m", "edge.cli", "run", *words, "--duration", str(seconds + warm_up_s)]
    heard: list[Heard] = []
    used: list[tuple[float, float]] = []

    def read(lines: Any) -> None:
        for line in lines:
            at_ns = time.monotonic_ns()
            heard.append(Heard(json.loads(line), at_ns))

    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, env=environ, **quiet) as daemon:
        try:
            reader = threading.Thread(target=read, args=(daemon.stdout,))
            reader.start()
            while daemon.poll() is None:
                ran_s = (heard[-1].at_ns - heard[0].at_ns) / NS_PER_S if heard else 0.0
                went_on(ran_s)
                if ran_s >= warm_up_s:
                    with contextlib.suppress(psutil.Error):  # it has just ended
                        used.append((time.monotonic(), sum(psutil.Process(daemon.pid).cpu_times()[:2])))
                time.sleep(0.5)
            reader.join()
        finally:
            daemon.terminate()
    return heard, cores_used(used)


def cores_used(used: list[tuple[float, float]]) -> float:
    """Seconds of CPU per second, from readings of (moment, CPU time so far) in seconds; nan from fewer than two."""
    if len(used) < 2:
        return float("nan")
    (first_s, before_s), (last_s, after_s) = used[0], used[-1]
    return round((after_s - before_s) / (last_s - first_s), 3)


def report(
    heard: list[Heard],
    minutes: float,
    after_s: float = WARM_UP_S,
    *,
    hogs: int = 0,
    level: int = 0,
    used: float = 0.0,
) -> Report:
    """The figures of all ticks later than `after_s` from the first one."""
    counted = [one for one in heard if one.at_ns >= heard[0].at_ns + after_s * NS_PER_S] if heard else []
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
        hogs=hogs,
        level=level,
        cores=os.cpu_count() or 1,
        cores_used=used,
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
    load = f"{made.hogs} busy loops" if made.hogs else "idle"
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
    table.add_row("cores used", f"{made.cores_used:g}", "")
    Console().print(table)


def main() -> None:
    words = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog="Example: python -m tests.deadline_minutes --minutes 1 --hogs 2"
    )
    words.add_argument("--minutes", type=float, default=10.0, help="how long to measure (10)")
    words.add_argument("--hogs", type=int, default=0, help="so many busy loops meanwhile, bound to the cores in turn")
    words.add_argument("--level", type=int, choices=(0, 1, 2), default=0, help="ease the work so much, by heat")
    words.add_argument("--no-adapt", action="store_true", help="do not ease the work, whatever happens")
    words.add_argument("--clip", type=Path, help="the clip that is camera and microphone (the built-in one)")
    words.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    options = words.parse_args()
    seconds, clip = options.minutes * 60, options.clip or demo_clip()
    warm_up_s = WARM_UP_S + EASED_AFTER_S[options.level]
    with (
        Progress(console=Console(stderr=True), transient=True) as progress,
        hogging(options.hogs),
        board(options.level, not options.no_adapt) as environ,
    ):
        task = progress.add_task("measuring", total=seconds + warm_up_s)
        tell = lambda done_s: progress.update(task, completed=done_s)  # noqa: E731
        heard, used = listen(clip, seconds, warm_up_s, environ, tell)
    made = report(heard, options.minutes, warm_up_s, hogs=options.hogs, level=options.level, used=used)
    if options.json:
        print(json.dumps(asdict(made)))
    else:
        show(made)


if __name__ == "__main__":
    main()
