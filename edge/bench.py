"""Measures this machine: the real daemon on the built-in clip, a real broker, a subscriber in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from edge.capture.demo import demo_clip
from edge.clock import NS_PER_MS
from edge.config import Settings
from edge.daemon import Daemon
from edge.errors import EdgeError
from edge.publish.mqtt.embedded import HOST, EmbeddedBroker
from edge.publish.sink import Message
from edge.samples import Image, Result

DEVICE = "bench"
WARM_UP_S = 4.0
_FIRST_RESULT_LIMIT_S = 60.0


@dataclass(frozen=True)
class Row:
    """One line of the table. `target` is the most that is wanted, None where nothing is."""

    name: str
    value: float
    unit: str
    target: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is kept."""
        return None if self.target is None else self.value <= self.target


class Observer:
    """Sits beside the sinks and notes each window's newest sample."""

    def __init__(self) -> None:
        self.newest_ns: dict[int, int] = {}
        self.judged_ms: list[float] = []
        self.waited_ms: list[float] = []
        self.missed = 0
        self.interpolated = 0

    def start(self) -> None:
        """Nothing to open."""

    def result(self, message: Message, result: Result, frame: Image | None) -> None:  # noqa: ARG002
        """Note one window."""
        if result.window.newest_ns is not None:
            self.newest_ns[message["seq"]] = result.window.newest_ns
        self.judged_ms.append(result.infer_ms)
        self.waited_ms.append(result.window.sync.waited_ms)
        self.missed += result.window.sync.deadline_missed
        sync = result.window.sync
        self.interpolated += max(sync.interpolated_video, sync.interpolated_audio) > 0

    def stop(self) -> None:
        """Nothing to close."""


def run(seconds: float, as_json: bool) -> int:
    """Measure for `seconds` after a warm-up and print a table, or one JSON object; gives the exit code."""
    clip = demo_clip()
    broker = EmbeddedBroker(0)
    broker.start()
    try:
        with Console(stderr=True).status(f"measuring for {seconds:g} s; let the machine rest meanwhile"):
            first_s = first_result_s(clip)
            rows = measure(clip, broker.port, seconds)
    finally:
        broker.stop()
    rows.append(Row("start to first result", round(first_s, 2), "s", 5.0))
    if as_json:
        measured = [{**asdict(row), "met": row.met} for row in rows]
        print(json.dumps({"seconds": seconds, "cores": psutil.cpu_count(), "rows": measured}))
    else:
        print_table(rows, seconds)
    return 0


def first_result_s(clip: Path) -> float:
    """Seconds from starting the command to its first JSON line."""
    words = ["--camera", str(clip), "--mic", str(clip), "--json", "--broker", "none", "--duration", "20"]
    began_s = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "edge.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        watchdog = _later(_FIRST_RESULT_LIMIT_S, child.kill)
        try:
            line = child.stdout.readline() if child.stdout else b""
            took_s = time.monotonic() - began_s
        finally:
            watchdog.cancel()
            child.terminate()
    if not line:
        raise EdgeError(f"the daemon gave no result on {clip}; run it by hand to see why")
    return took_s


def measure(clip: Path, port: int, seconds: float) -> list[Row]:
    """The rows of one run of the daemon in this process, with the subscriber in another."""
    settings = Settings.model_validate(
        {
            "camera": str(clip),
            "mic": str(clip),
            "loop": True,
            "broker": f"mqtt://{HOST}:{port}",
            "device_id": DEVICE,
            # A machine that cannot keep up is to show it.
            "load": {"adapt": False},
        }
    )
    observer, stop = Observer(), threading.Event()
    words = [HOST, str(port), f"edge-emotion/{DEVICE}/emotion"]
    with subprocess.Popen(
        [sys.executable, "-m", "edge.publish.mqtt.listener", *words], stdout=subprocess.PIPE, text=True
    ) as listener:
        try:
            received_ns: dict[int, int] = {}
            reader = threading.Thread(target=_read, args=(listener, received_ns), daemon=True)
            reader.start()
            daemon = Daemon(settings, [observer])
            usage = _Usage()
            _later(WARM_UP_S, usage.begin)
            _later(WARM_UP_S + seconds, usage.end_with(stop))
            daemon.run(stop)
        finally:
            listener.terminate()
    return _rows(daemon, observer, received_ns, usage)


def _later(seconds: float, do: Callable[[], Any]) -> threading.Timer:
    """Do something in a while, unless the program has ended before."""
    timer = threading.Timer(seconds, do)
    timer.daemon = True
    timer.start()
    return timer


class _Usage:
    """CPU time and memory of this process between two moments."""

    def __init__(self) -> None:
        self.process = psutil.Process()
        self.cores = 0.0
        self.rss_mb = 0.0
        self.from_ns = 0
        self.to_ns = 0
        self._cpu_s = 0.0

    def begin(self) -> None:
        self.from_ns = time.monotonic_ns()
        self._cpu_s = sum(self.process.cpu_times()[:2])

    def end_with(self, stop: threading.Event) -> Any:
        def end() -> None:
            self.to_ns = time.monotonic_ns()
            self.cores = (sum(self.process.cpu_times()[:2]) - self._cpu_s) / ((self.to_ns - self.from_ns) / 1e9)
            self.rss_mb = self.process.memory_info().rss / 2**20
            stop.set()

        return end


def _read(listener: subprocess.Popen[str], received_ns: dict[int, int]) -> None:
    for line in listener.stdout or ():
        words = line.split()
        if len(words) == 2:
            received_ns[int(words[0])] = int(words[1])


def _rows(daemon: Daemon, observer: Observer, received_ns: dict[int, int], usage: _Usage) -> list[Row]:
    pipeline = daemon.pipeline
    counted = {seq: moment_ns for seq, moment_ns in received_ns.items() if usage.from_ns <= moment_ns <= usage.to_ns}
    raw_ms = np.asarray(
        [
            (moment_ns - observer.newest_ns[seq]) / NS_PER_MS
            for seq, moment_ns in counted.items()
            if seq in observer.newest_ns
        ]
    )
    if len(raw_ms) == 0:
        raise EdgeError("the subscriber received nothing; is the machine overloaded?")
    video_ms, sound_ms = pipeline.aligner.video_arrival.p95_ms(), pipeline.aligner.sound_arrival.p95_ms()
    net_ms = raw_ms - max(video_ms, sound_ms)
    span = max(counted) - min(counted) + 1
    p50, p95, p99 = (float(np.percentile(raw_ms, share)) for share in (50, 95, 99))
    return [
        Row("newest sample to subscriber, less arrival, p50", _tenth(np.percentile(net_ms, 50)), "ms", 60.0),
        Row("newest sample to subscriber, less arrival, p99", _tenth(np.percentile(net_ms, 99)), "ms", 150.0),
        Row("newest sample to subscriber, p50", _tenth(p50), "ms"),
        Row("newest sample to subscriber, p95", _tenth(p95), "ms"),
        Row("newest sample to subscriber, p99", _tenth(p99), "ms"),
        Row("arrival of video, p95", _tenth(video_ms), "ms"),
        Row("arrival of sound, p95", _tenth(sound_ms), "ms"),
        Row("window head, p50", _tenth(np.percentile(observer.judged_ms, 50)), "ms"),
        Row("cores used", round(usage.cores, 3), "", 1.0),
        Row("resident memory", _tenth(usage.rss_mb), "MB", 400.0),
        Row("frames dropped", float(pipeline.frames.dropped + pipeline.chunks.dropped), "", 0.0),
        Row("frames skipped", float(pipeline.frames_skipped), ""),
        Row("ticks missing at the subscriber", float(span - len(counted)), "", 0.0),
        Row("ticks received", float(len(counted)), ""),
        Row("deadlines missed", float(observer.missed), "", 0.0),
        Row("windows with something filled in", float(observer.interpolated), ""),
    ]


def _tenth(value: Any) -> float:
    return round(float(value), 1)


def print_table(rows: list[Row], seconds: float) -> None:
    """The rows for people."""
    table = Table(title=f"edge-emotion bench: 640×480 at 30 fps and 16 kHz, {seconds:g} s, {psutil.cpu_count()} cores")
    table.add_column("")
    table.add_column("value", justify="right")
    table.add_column("at most", justify="right")
    table.add_column("")
    for row in rows:
        verdict = {None: "", True: "[green]kept[/]", False: "[red]missed[/]"}[row.met]
        target = "" if row.target is None else f"{row.target:g} {row.unit}"
        table.add_row(row.name, f"{row.value:g} {row.unit}", target, verdict)
    Console().print(table)
