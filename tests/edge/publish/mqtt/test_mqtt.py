from __future__ import annotations

import logging
import os
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time

import psutil
import pytest
from jsonschema import Draft202012Validator

from edge.config import MqttSettings
from edge.errors import ConfigError
from edge.publish.mqtt.broker_url import BrokerAddress, parse_broker
from edge.publish.mqtt.embedded import EmbeddedBroker
from edge.publish.mqtt.publisher import MqttPublisher
from edge.publish.schema import load_schema
from edge.publish.state import blank_state
from tests.broker import HOST, Mosquitto, free_port, listening, until
from tests.edge.publish import records

pytestmark = pytest.mark.timeout(120)
DETAIL = {"reason": None, "stamp_kind": "driver"}


@pytest.fixture
def broker(tmp_path):
    with Mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def publishers():
    """Makes publishers and stops them all at the end."""
    made = []

    def make(url: str, settings: MqttSettings | None = None, **keywords) -> MqttPublisher:
        address = url if isinstance(url, BrokerAddress) else parse_broker(url)
        made.append(MqttPublisher(address, records.IDENTITY, settings, **keywords))
        made[-1].start()
        return made[-1]

    yield make
    for publisher in made:
        publisher.stop()


def connected(publisher: MqttPublisher) -> MqttPublisher:
    until(lambda: publisher.connected, "publisher connected")
    return publisher


def happy_state(t_ns: int = 1) -> dict:
    return {**blank_state(records.IDENTITY, t_ns), "source": "face", "track": 3, "emotion": "happy"}


def everything(publisher: MqttPublisher) -> None:
    publisher.enabled(True)
    publisher.status("video", "online", DETAIL)
    publisher.status("audio", "degraded", {"reason": "no sound for 3 s"})
    publisher.status("engine", "online", {"reason": None})
    publisher.state(happy_state())
    publisher.stats({"camera_fps": 25.0, "audio_dBFS": float("-inf")})


def test_topics_qos_retain_and_expiry(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        everything(publisher)
        publisher.event({"type": "face_in", "track": 3})
        publisher.result(records.message())
        heard = {name: listener.wait_for(name) for name in ("available", "emotion", "desk/state", "event", "stats")}
        heard["video"] = listener.wait_for("status/video")
        heard["detail"] = listener.wait_for("status/video/detail")
        heard["enabled"] = listener.wait_for("enabled/state")
    qos = {name: (one.qos, one.retain, one.expiry_s) for name, one in heard.items()}
    assert qos == {
        "available": (1, True, None),
        "emotion": (0, False, 2),
        "desk/state": (1, True, None),
        "event": (1, False, None),
        "stats": (0, True, None),
        "video": (1, True, None),
        "detail": (1, True, None),
        "enabled": (1, True, None),
    }
    assert all(one.topic.startswith("edge-emotion/desk/") for one in heard.values())
    assert (heard["available"].payload, heard["video"].payload, heard["enabled"].payload) == ("online", "online", "ON")
    assert heard["detail"].json() == DETAIL
    assert heard["stats"].json()["audio_dBFS"] is None


def test_every_emotion_message_arrives_valid_and_in_order(broker, publishers):
    schema = Draft202012Validator(load_schema())
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        for seq in range(20):
            publisher.result(records.message([] if seq % 3 == 0 else None, seq=seq))
            until(lambda count=seq + 1: len(listener.on("emotion")) == count, f"message {seq}")
        messages = [one.json() for one in listener.on("emotion")]
    assert [message["seq"] for message in messages] == list(range(20))
    for message in messages:
        schema.validate(message)


def test_stop_says_null_then_stopped_and_no_will_follows(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        publisher.state(happy_state())
        publisher.event({"type": "last words"})
        publisher.stop()
        publisher.stop()
        stopped = listener.wait_for("available", "stopped")
        before = listener.heard[: listener.heard.index(stopped)]
        assert [one for one in before if one.topic.endswith("desk/state")][-1].json()["emotion"] is None
        assert "last words" in [one.json()["type"] for one in before if one.topic.endswith("/event")]
        time.sleep(0.3)
        assert [one.payload for one in listener.on("available")] == ["online", "stopped"]


def test_stop_says_offline_for_every_status_before_stopped_and_nothing_after(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        everything(publisher)
        listener.wait_for("status/video", "online")
        publisher.stop()
        publisher.status("video", "online", DETAIL)
        stopped = listener.wait_for("available", "stopped")
        before = listener.heard[: listener.heard.index(stopped)]
        for name in ("video", "audio", "engine"):
            said = [one for one in before if f"/status/{name}" in one.topic][-2:]
            assert {one.payload for one in said} == {"offline", '{"reason":"stopped"}'}


def test_a_text_that_is_not_unicode_and_a_failure_are_told_without_a_traceback(broker, publishers, caplog):
    with listening(broker.port) as listener, caplog.at_level(logging.INFO):
        publisher = connected(publishers(broker.url))
        publisher.status("video", "online", {"reason": None, "source": "\udcff\udcfe.mp4", "\ud800": 1})
        assert listener.wait_for("status/video/detail").json() == {"reason": None, "source": "??.mp4", "?": 1}
        publisher._connection.send = None  # a fault that nothing from outside can make
        publisher.result(records.message())
        until(lambda: "publishing failed" in caplog.text, "the log says so")
        del publisher._connection.send
    assert "Traceback" not in caplog.text


def test_stop_waits_for_a_slow_broker(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        listener.wait_for("available", "online")
        os.kill(broker._child.pid, signal.SIGSTOP)
        for number in range(50):
            publisher.event({"number": number})
        threading.Timer(0.5, os.kill, (broker._child.pid, signal.SIGCONT)).start()
        publisher.stop()
        listener.wait_for("available", "stopped")
        assert [one.json()["number"] for one in listener.on("event")] == list(range(50))


def test_the_will_speaks_when_the_process_is_killed(broker):
    program = textwrap.dedent(f"""
        import time
        from edge.publish.mqtt.broker_url import parse_broker
        from edge.publish.message import RunIdentity
        from edge.publish.mqtt.publisher import MqttPublisher
        publisher = MqttPublisher(parse_broker({broker.url!r}), RunIdentity.fresh("killed"))
        publisher.start()
        time.sleep(60)
    """)
    with listening(broker.port) as listener:
        child = subprocess.Popen([sys.executable, "-c", program])
        try:
            listener.wait_for("available", "online")
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
        will = listener.wait_for("available", "offline")
        assert (will.qos, will.retain, will.topic) == (1, True, "edge-emotion/killed/available")


def test_everything_retained_is_there_again_after_the_broker_forgot_it(broker, publishers):
    publisher = connected(publishers(broker.url))
    everything(publisher)
    broker.stop()
    until(lambda: not publisher.connected, "connection lost")
    publisher.status("audio", "online", {"reason": None})
    broker.start()
    with listening(broker.port) as listener:
        wanted = {"available": "online", "enabled/state": "ON", "status/video": "online", "status/audio": "online"}
        for suffix, payload in wanted.items():
            listener.wait_for(suffix, payload)
        assert listener.wait_for("desk/state").json()["emotion"] == "happy"
        assert listener.wait_for("stats").json()["camera_fps"] == 25.0
        assert listener.wait_for("status/video/detail").json() == DETAIL


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
            lines = [record.getMessage() for record in caplog.records if record.name == "edge.publish.mqtt.connection"]
    assert publisher.dropped == 36
    assert len(lines) == 2, lines
    assert "cannot reach" in lines[0]
    assert "connected" in lines[1]
    assert "Traceback" not in caplog.text


def test_a_refused_login_is_one_line(tmp_path, publishers, caplog):
    (tmp_path / "users").write_text("")
    with Mosquitto(tmp_path, f"password_file {tmp_path}/users", anonymous=False) as broker:
        publisher = publishers(f"mqtt://mia@{HOST}:{broker.port}")
        until(lambda: "refuses this login" in caplog.text, "the log says so")
        time.sleep(2.5)  # at least one further attempt
        assert not publisher.connected
    lines = [record.getMessage() for record in caplog.records if record.name == "edge.publish.mqtt.connection"]
    assert sum("refuses this login" in line for line in lines) == 1
    assert len(lines) <= 2
    assert "Traceback" not in caplog.text


def test_the_password_comes_from_its_file(tmp_path, publishers):
    users, secret = tmp_path / "users", tmp_path / "secret"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(users), "mia", "s3 cret"], check=True, capture_output=True)
    secret.write_text("s3 cret\n")
    with Mosquitto(tmp_path, f"password_file {users}", anonymous=False) as broker:
        connected(publishers(f"mqtt://mia@{HOST}:{broker.port}", MqttSettings(password_file=secret)))


def test_an_unreadable_password_file_or_certificate_is_one_sentence(tmp_path):
    address = parse_broker("mqtts://localhost")
    with pytest.raises(ConfigError, match=r"password file .*none cannot be read"):
        MqttPublisher(address, records.IDENTITY, MqttSettings(password_file=tmp_path / "none"))
    (tmp_path / "ca.pem").write_text("no certificate")
    publisher = MqttPublisher(address, records.IDENTITY, MqttSettings(ca_file=tmp_path / "ca.pem"))
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        publisher.start()
    publisher.stop()


class Switch:
    def __init__(self) -> None:
        self.heard: list[bool] = []

    def __call__(self, on: bool) -> None:
        self.heard.append(on)
        if on:
            raise RuntimeError("a callback that fails")


def test_the_switch_is_obeyed_and_survives_junk_and_failures(broker, publishers, caplog):
    switch = Switch()
    publisher = connected(publishers(broker.url, on_enabled=switch))
    topic = publisher.topics.enabled_set
    with listening(broker.port) as listener:
        for junk in ("", "on", "OFF ", "1", "[" * 4000, b"\xff\xfe\x00", "ON" * 4000, '{"state": "OFF"}'):
            listener.publish(topic, junk)
        listener.publish(topic, "ON")
        listener.publish(topic, "OFF")
        until(lambda: len(switch.heard) == 2, "both commands")
        assert switch.heard == [True, False]
        publisher.result(records.message())
        listener.wait_for("emotion")
    assert publisher.connected


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_a_retained_command_is_ignored(kind, publishers):
    switch = Switch()
    broker = EmbeddedBroker(free_port(), prefer_mosquitto=kind == "mosquitto")
    broker.start()
    try:
        with listening(broker.port, mqtt5=kind == "mosquitto") as listener:
            listener.publish("edge-emotion/desk/enabled/set", "OFF", retain=True)
            publisher = connected(publishers(broker.address, on_enabled=switch))
            publisher.result(records.message())
            listener.wait_for("emotion")
            assert switch.heard == []
            listener.publish(publisher.topics.enabled_set, "OFF")
            until(lambda: switch.heard == [False], "the command")
        publisher.stop()
    finally:
        broker.stop()


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


def test_a_broker_that_reads_nothing_costs_no_memory_and_no_time(broker, publishers):
    publisher = connected(publishers(broker.url))
    os.kill(broker._child.pid, signal.SIGSTOP)
    try:
        big = {"padding": "x" * 100_000}
        started, used = time.monotonic(), psutil.Process().memory_info().rss
        for number in range(300):
            publisher.result(big)
            publisher.event({"number": number, **big})
            time.sleep(0.001)
        assert psutil.Process().memory_info().rss - used < 25_000_000  # of 60 MB that were handed in
        publisher.stop()
        assert time.monotonic() - started < 10
        assert publisher.dropped >= 300 - 64 - 20 - 1
    finally:
        os.kill(broker._child.pid, signal.SIGCONT)


def test_a_second_device_of_the_same_name_is_told_apart_in_the_log(broker, publishers, caplog):
    connected(publishers(broker.url))
    connected(publishers(broker.url))
    until(lambda: "another --device-id" in caplog.text, "the log says so")


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
        connected(publisher)
