from __future__ import annotations

import pytest

from edge.cli import main
from edge.publish.homeassistant.announcer import Announcer
from edge.publish.homeassistant.discovery import announcement
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from tests.broker import HOST, Mosquitto, free_port, listening, until
from tests.edge.publish.records import IDENTITY

TOPIC = "homeassistant/device/edge-emotion-desk/config"


@pytest.fixture(autouse=True)
def _no_config_of_this_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGE_EMOTION_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").touch()


def remove(url: str, *more: str) -> int:
    return main(["remove-discovery", "--broker", url, "--device-id", "desk", *more])


def test_the_broker_forgets_the_announcement_and_nothing_else(broker, capsys):
    with listening(broker.port, topic="#") as listener:
        listener.publish(TOPIC, "{}", retain=True)
        listener.publish("homeassistant/device/edge-emotion-desk2/config", "{}", retain=True)
        assert remove(broker.url) == 0
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert f"removed desk from Home Assistant ({TOPIC}" in said
    assert "homeassistant.discovery = false" in said
    with listening(broker.port, topic="#") as later:
        later.wait_for("config")
        assert [heard.topic for heard in later.heard] == ["homeassistant/device/edge-emotion-desk2/config"]


def test_a_running_daemon_is_left_alone(broker):
    device = MqttPublisher(parse_broker(broker.url), IDENTITY, announcer=Announcer(announcement("desk")))
    device.start()
    try:
        with listening(broker.port, topic="#") as listener:
            listener.wait_for("config")
            assert remove(broker.url) == 0
            until(lambda: [heard.payload for heard in listener.on("config")][-1] == "", "the empty message")
            assert {heard.payload for heard in listener.on("available")} == {"online"}
        assert device.connected
    finally:
        device.stop()


def test_the_prefix_of_the_settings_is_used(broker, monkeypatch, capsys):
    monkeypatch.setenv("EDGE_EMOTION_HOMEASSISTANT__PREFIX", "ha")
    monkeypatch.setenv("EDGE_EMOTION_HOMEASSISTANT__DISCOVERY", "false")
    with listening(broker.port, topic="ha/#") as listener:
        assert remove(broker.url) == 0
        assert listener.wait_for("config", "").topic == "ha/device/edge-emotion-desk/config"
    assert "announces" not in capsys.readouterr().out


def test_a_broker_that_is_not_there_is_one_sentence(capfd):
    assert remove(f"mqtt://{HOST}:{free_port()}") == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "cannot reach" in said
    assert "nothing was removed" in said
    assert "trying again" not in said


def test_a_broker_that_refuses_us_is_one_sentence(tmp_path, capfd):
    with Mosquitto(tmp_path, anonymous=False) as broker:
        assert remove(broker.url) == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "refuses this login" in said


def test_a_login_that_may_not_write_there_is_one_sentence(tmp_path, capfd):
    rules = tmp_path / "rules.acl"
    rules.write_text("topic write edge-emotion/#\n")
    with Mosquitto(tmp_path, f"acl_file {rules}") as broker:
        assert remove(broker.url) == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert f"does not let this login write {TOPIC}: nothing was removed" in said


def test_a_broker_that_does_not_answer_is_given_up(monkeypatch, capfd):
    import socket

    monkeypatch.setattr("edge.cli.discovery.TIMEOUT_S", 1.0)
    with socket.create_server((HOST, 0)) as mute:
        assert remove(f"mqtt://{HOST}:{mute.getsockname()[1]}") == 1
    assert "nothing was removed within 1 s" in capfd.readouterr().err


@pytest.mark.parametrize("broker_name", ["embedded", "none"])
def test_a_broker_that_keeps_nothing_is_no_place(broker_name, capfd):
    assert remove(broker_name) == 64
    assert "name the broker that Home Assistant listens to" in capfd.readouterr().err
