"""A client of the broker on a machine's network, and what it heard when."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.boot.machine import Machine, until

_COMMAND = ("stdbuf", "-oL", "mosquitto_sub", "-F", "%r %t %p", "-t", "edge-emotion/#")


@dataclass(frozen=True)
class Message:
    """`at_s` is the monotonic time, in which systemd dates its units too, of all machines on this kernel."""

    at_s: float
    retained: bool
    topic: str
    payload: str

    def json(self) -> Any:
        return json.loads(self.payload)


class Subscriber:
    """`mosquitto_sub`; it connects again by itself where its broker went, and is begun again where it ended."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._heard: list[Message] = []
        self._child: subprocess.Popen[str] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="subscriber", daemon=True)
        self._thread.start()

    def on(self, suffix: str, *, after_s: float = 0.0) -> list[Message]:
        """Live messages on this topic since the monotonic time `after_s`."""
        return [m for m in list(self._heard) if m.topic.endswith(f"/{suffix}") and m.at_s > after_s and not m.retained]

    def first(self, suffix: str, *, after_s: float = 0.0, timeout_s: float = 60.0) -> Message:
        """The first of them, waited for."""
        until(lambda: bool(self.on(suffix, after_s=after_s)), f"a message on {suffix}", timeout_s)
        return self.on(suffix, after_s=after_s)[0]

    def retained(self, suffix: str, *, timeout_s: float = 60.0) -> Message:
        """The last message that the broker had kept on this topic, waited for."""
        until(lambda: bool(self._kept(suffix)), f"a retained message on {suffix}", timeout_s)
        return self._kept(suffix)[-1]

    def close(self) -> None:
        self._ended.set()
        if self._child is not None:
            self._child.terminate()
        self._thread.join(10)

    def _kept(self, suffix: str) -> list[Message]:
        return [m for m in list(self._heard) if m.topic.endswith(f"/{suffix}") and m.retained]

    def _listen(self) -> None:
        while not self._ended.wait(0.1):
            words = self._machine.network_words(*_COMMAND)
            with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
                self._child = child
                assert child.stdout is not None
                for line in child.stdout:
                    retained, topic, payload = line.rstrip("\n").split(" ", 2)
                    self._heard.append(Message(time.monotonic(), retained == "1", topic, payload))


@contextlib.contextmanager
def subscribed(machine: Machine) -> Iterator[Subscriber]:
    subscriber = Subscriber(machine)
    try:
        yield subscriber
    finally:
        subscriber.close()
