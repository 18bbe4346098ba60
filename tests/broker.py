"""A real mosquitto on a free loopback port, and a subscriber that remembers everything."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho  # noqa: TID251 - the other end of the line
import pytest
from paho.mqtt.enums import CallbackAPIVersion  # noqa: TID251
from paho.mqtt.subscribeoptions import SubscribeOptions  # noqa: TID251

HOST = "127.0.0.1"
WAIT_S = 30.0


def free_port() -> int:
    """One below those that the kernel gives to clients: else one of them may sit on it while a broker is away."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port


def mosquitto_path() -> str:
    """Where mosquitto is; skips the test where it is not."""
    path = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.skip("mosquitto is not installed")
    return path


class Mosquitto:
    """A broker that can be stopped and started again on the same port, with nothing kept in between."""

    def __init__(self, folder: Path, extra: str = "", *, anonymous: bool = True) -> None:
        self.port = free_port()
        self._path = mosquitto_path()
        self._config = folder / "mosquitto.conf"
        lines = [f"listener {self.port} {HOST}", f"allow_anonymous {str(anonymous).lower()}", "user root", extra]
        self._config.write_text("\n".join(lines) + "\n")
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mqtt://{HOST}:{self.port}"

    def start(self) -> None:
        command = [self._path, "-c", str(self._config)]
        self._child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._accepts, "mosquitto accepts")

    def stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def stall(self) -> None:
        """It stands still: the system goes on accepting for it, nobody reads."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """And goes on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._child is not None
        self._child.send_signal(number)

    def __enter__(self) -> Mosquitto:  # noqa: PYI034 - Self is Python 3.11
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accepts(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 0.2):
            return True
        return False


@dataclass(frozen=True)
class Heard:
    topic: str
    payload: str
    qos: int
    retain: bool
    expiry_s: int | None
    at: float

    def json(self) -> Any:
        return json.loads(self.payload)


class Listener:
    """Subscribes to `topic`, all of ours unless told; `publish` speaks as any other client would."""

    def __init__(self, port: int, *, mqtt5: bool = True, topic: str = "edge-emotion/#") -> None:
        self.heard: list[Heard] = []
        self._topic = topic
        self._ready = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5 if mqtt5 else paho.MQTTv311)
        self._mqtt5 = mqtt5
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._on_message
        self._client.connect(HOST, port)
        self._client.loop_start()
        assert self._ready.wait(WAIT_S)

    def _on_connect(self, client, *_):
        # Retained as published: so that the flag tells how a message was sent.
        kind = {"options": SubscribeOptions(qos=1, retainAsPublished=True)} if self._mqtt5 else {"qos": 1}
        client.subscribe(self._topic, **kind)

    def _on_message(self, _client, _data, message):
        expiry = getattr(message.properties, "MessageExpiryInterval", None) if self._mqtt5 else None
        self.heard.append(
            Heard(
                message.topic,
                message.payload.decode(errors="replace"),
                message.qos,
                message.retain,
                expiry,
                time.monotonic(),
            )
        )

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(WAIT_S)

    def on(self, suffix: str) -> list[Heard]:
        return [one for one in list(self.heard) if one.topic.endswith("/" + suffix)]

    def wait_for(self, suffix: str, payload: str | None = None, *, after: int = 0) -> Heard:
        """The first message on this topic (with this payload) among those from index `after` on."""
        found: list[Heard] = []

        def look() -> bool:
            heard = list(self.heard)[after:]
            found[:] = [h for h in heard if h.topic.endswith("/" + suffix) and payload in {None, h.payload}]
            return bool(found)

        until(look, f"{payload or 'something'} on {suffix}; heard {[(h.topic, h.payload[:40]) for h in self.heard]}")
        return found[0]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextlib.contextmanager
def listening(port: int, *, mqtt5: bool = True, topic: str = "edge-emotion/#") -> Iterator[Listener]:
    listener = Listener(port, mqtt5=mqtt5, topic=topic)
    try:
        yield listener
    finally:
        listener.close()


def until(condition, what: str, timeout_s: float = WAIT_S) -> None:
    """Wait for `condition`; fails with `what` was waited for."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {timeout_s} s in vain for: {what}")
        time.sleep(0.01)
