"""The one reader of the whole fleet, a process of its own.

`python -m tests.fleet.subscriber PORT QOS` prints `ready`, listens until its standard input ends and nothing comes any
more, and prints its tally.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from types import TracebackType
from typing import Any

import paho.mqtt.client as paho  # noqa: TID251 - the other end of the line
from paho.mqtt.enums import CallbackAPIVersion  # noqa: TID251

from edge.clock import NS_PER_S
from tests.broker import HOST
from tests.fleet.tally import Tally

TOPIC = "edge-emotion/#"
QUIET_NS = NS_PER_S // 2


def listen(port: int, qos: int) -> None:
    """Subscribe to everything and count it."""
    tally = Tally()
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.on_connect = lambda connected, *_: connected.subscribe(TOPIC, qos)
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.on_message = lambda _client, _data, one: tally.take(one.topic, one.payload, time.monotonic_ns())
    client.connect(HOST, port)
    client.loop_start()
    sys.stdin.read()
    while time.monotonic_ns() - tally.last_ns < QUIET_NS:  # what is on its way is not lost
        time.sleep(0.05)
    client.disconnect()
    client.loop_stop()
    print(json.dumps(tally.report()), flush=True)


class Subscriber:
    """The process: ready when entered, and ended with its tally by `end`."""

    def __init__(self, port: int, qos: int) -> None:
        self._command = [sys.executable, "-m", __name__, str(port), str(qos)]

    def __enter__(self) -> Subscriber:  # noqa: PYI034 - Self is Python 3.11
        self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._child.stdout.readline().strip() != "ready":
            raise RuntimeError("The subscriber could not subscribe; see its own words above.")
        self.pid = self._child.pid
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        if self._child.poll() is None:
            self._child.kill()
        self._child.communicate()

    def end(self) -> dict[str, Any]:
        """Its tally: `Tally.report()`."""
        output, _ = self._child.communicate("")
        return json.loads(output)


if __name__ == "__main__":
    listen(int(sys.argv[1]), int(sys.argv[2]))
