from __future__ import annotations

import socket
import struct
import threading

import pytest

from edge.publish.mqtt.embedded import EmbeddedBroker
from tests.broker import HOST, free_port, listening
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import connected

pytestmark = pytest.mark.timeout(120)


def test_falls_back_to_mqtt_3_when_the_broker_speaks_nothing_else(publishers):
    broker = EmbeddedBroker(free_port(), prefer_mosquitto=False)
    broker.start()
    try:
        with listening(broker.port, mqtt5=False) as listener:
            publisher = publishers(broker.url)  # the URL does not tell
            listener.wait_for("available", "online")
            publisher.result(records.message())
            assert listener.wait_for("emotion").json()["seq"] == 128
            publisher.stop()
            listener.wait_for("available", "stopped")
    finally:
        broker.stop()


class RefusesMqtt5(threading.Thread):
    """Answers CONNECT of MQTT 5 as a broker of 3.1.1 must, and notes the versions that were tried."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.levels: list[int] = []
        self._server = socket.create_server((HOST, 0))
        self.port = self._server.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            level = client.recv(4096)[8]
            self.levels.append(level)
            client.sendall(struct.pack("BBBB", 0x20, 2, 0, 0 if level == 4 else 1))
            if level != 4:
                client.close()

    def close(self) -> None:
        self._server.close()


def test_a_refusal_of_the_version_is_believed_at_once(publishers):
    server = RefusesMqtt5()
    server.start()
    connected(publishers(f"mqtt://{HOST}:{server.port}"))
    assert server.levels[:2] == [5, 4]
    server.close()
