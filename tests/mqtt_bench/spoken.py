"""What a speaker process reports, while it runs."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from tests.broker import until


@dataclass(frozen=True)
class Report:
    """Of a quarter of a second."""

    at_s: float
    connected: bool
    rss_mb: float
    calls_us: list[float]


class Spoken:
    """`with Spoken(url) as spoken:` runs a speaker; `reports` grows."""

    def __init__(self, url: str) -> None:
        self.reports: list[Report] = []
        self.log: list[str] = []
        command = [sys.executable, "-m", "tests.mqtt_bench.speaker", url]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._read_log, daemon=True).start()

    def __enter__(self) -> Spoken:  # noqa: PYI034 - Self is Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.child.kill()
        self.child.wait()

    def _read(self) -> None:
        for line in self.child.stdout:
            self.reports.append(Report(**json.loads(line)))

    def _read_log(self) -> None:
        self.log.extend(self.child.stderr)

    def wait_until(self, connected: bool, timeout_s: float) -> None:
        until(lambda: self.reports and self.reports[-1].connected == connected, f"connected: {connected}", timeout_s)

    def during(self, from_s: float, to_s: float) -> list[Report]:
        """The reports of this stretch of CLOCK_MONOTONIC."""
        return [one for one in list(self.reports) if from_s <= one.at_s <= to_s]

    def lost_after(self, from_s: float) -> float | None:
        """How long after `from_s` it first knew that there is no connection."""
        return next((one.at_s - from_s for one in list(self.reports) if one.at_s > from_s and not one.connected), None)

    def watch(self, seconds: float) -> float:
        """Let it go on; gives when that began."""
        began = time.monotonic()
        time.sleep(seconds)
        return began
