"""A process with nothing in it but the publisher, that says much and times every call.

    python -m tests.mqtt_bench.speaker URL [--results-hz 100] [--events-hz 20]

Prints a JSON line every quarter of a second: `at_s` (CLOCK_MONOTONIC), `connected`, `rss_mb`, `calls_us`.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from itertools import count

import psutil

from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from edge.publish.state import blank_state
from tests.edge.publish import records

STEP_S = 0.005
REPORT_S = 0.25
STATS_S = 10.0


class Speaker:
    """Says results, events, states and statistics as a device does, but more of them."""

    def __init__(self, url: str, results_hz: float, events_hz: float) -> None:
        self._publisher = MqttPublisher(parse_broker(url), records.IDENTITY)
        now = time.monotonic()
        self._due = dict.fromkeys(("result", "event", "state", "stats", "report"), now)
        self._every = {"result": 1 / results_hz, "event": 1 / events_hz, "state": 1.0, "stats": STATS_S}
        self._every["report"] = REPORT_S
        self._seq = count()
        self._calls_us: list[float] = []

    def run(self) -> None:
        """Until somebody ends the process."""
        self._publisher.start()
        while True:
            for name, due in self._due.items():
                if time.monotonic() >= due:
                    self._due[name] = max(due + self._every[name], time.monotonic() - 0.1)
                    getattr(self, name)()
            time.sleep(STEP_S)

    def result(self) -> None:
        message = records.message(seq=next(self._seq), end_ns=time.monotonic_ns())
        self._timed(self._publisher.result, message)

    def event(self) -> None:
        self._timed(self._publisher.event, {"type": "face_in", "track": next(self._seq)})

    def state(self) -> None:
        self._timed(self._publisher.state, blank_state(records.IDENTITY, time.monotonic_ns()))

    def stats(self) -> None:
        self._timed(self._publisher.stats, {"camera_fps": 30.0, "uptime_s": time.monotonic()})

    def report(self) -> None:
        calls_us, self._calls_us = self._calls_us, []
        rss_mb = psutil.Process().memory_info().rss / 2**20
        line = {"at_s": time.monotonic(), "connected": self._publisher.connected, "rss_mb": round(rss_mb, 2)}
        print(json.dumps({**line, "calls_us": calls_us}), flush=True)

    def _timed(self, publish, message) -> None:
        began = time.perf_counter_ns()
        publish(message)
        self._calls_us.append(round((time.perf_counter_ns() - began) / 1000, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description="A publisher that times its calls.")
    parser.add_argument("url")
    parser.add_argument("--results-hz", type=float, default=100.0)
    parser.add_argument("--events-hz", type=float, default=20.0)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    Speaker(options.url, options.results_hz, options.events_hz).run()


if __name__ == "__main__":
    main()
