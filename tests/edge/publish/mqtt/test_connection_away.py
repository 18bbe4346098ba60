from __future__ import annotations

import logging
import socket
import time

import pytest

from tests.broker import HOST, Mosquitto, free_port, listening, until
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import connected, happy_state

pytestmark = pytest.mark.timeout(120)


def test_a_broker_that_comes_later_is_found_and_old_results_are_not_told(tmp_path, publishers, caplog):
    broker = Mosquitto(tmp_path)
    with caplog.at_level(logging.INFO):
        publisher = publishers(broker.url)
        until(lambda: "cannot reach" in caplog.text, "the log says so")
        publisher.result(records.message(seq=1))
        for number in range(100):
            publisher.event({"type": "e", "number": number})
        time.sleep(2.2)  # the result is stale now, and there has been more than one attempt
        publisher.state(happy_state())
        with broker, listening(broker.port) as listener:
            connected(publisher)
            listener.wait_for("event", '{"type":"e","number":99}')
            publisher.result(records.message(seq=2))
            assert listener.wait_for("emotion").json()["seq"] == 2
            assert [one.json()["number"] for one in listener.on("event")] == list(range(36, 100))
            publisher.stop()
            lines = [record.getMessage() for record in caplog.records if record.name == "edge.publish.mqtt.link"]
    assert publisher.counts()["queue_drops"]["event"] == 36
    assert len(lines) == 2, lines
    assert "cannot reach" in lines[0]
    assert "connected" in lines[1]
    assert "Traceback" not in caplog.text


def test_rubbish_from_the_other_side_does_not_end_it(tmp_path, publishers):
    port = free_port()
    server = socket.create_server((HOST, port))
    publisher = publishers(f"mqtt://{HOST}:{port}")
    client, _ = server.accept()
    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 20)
    client.close()
    server.close()
    broker = Mosquitto(tmp_path)
    broker.port = port
    broker._config.write_text(f"listener {port} {HOST}\nallow_anonymous true\nuser root\n")
    with broker:
        connected(publisher).stop()
