"""A broker that does not let us listen."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from edge.publish.mqtt.broker_url import parse_broker
from tests.broker import Mosquitto, listening, until
from tests.edge.publish.mqtt.scripted import CONNACK_3, CONNACK_5, UNSUPPORTED_5, Scripted
from tests.edge.publish.mqtt.tended import ECHO, warnings

pytestmark = pytest.mark.timeout(60)
COMMAND = "edge-emotion/desk/enabled/set"
BIRTH = "homeassistant/status"
LOST_SWITCH = "the privacy switch does not work over this broker; allow this login to read it"


@pytest.fixture
def strict(tmp_path):
    """mosquitto with its dynamic-security plugin: everybody may publish, nobody may subscribe."""
    plugins = sorted(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"))
    if not plugins:
        pytest.skip("mosquitto's dynamic-security plugin is not installed")
    rules = {
        "roles": [{"rolename": "w", "acls": [{"acltype": "publishClientSend", "topic": "#", "allow": True}]}],
        "groups": [{"groupname": "all", "roles": [{"rolename": "w"}]}],
        "anonymousGroup": "all",
        "defaultACLAccess": {"subscribe": False, "publishClientReceive": False},
    }
    (tmp_path / "rules.json").write_text(json.dumps(rules))
    with Mosquitto(tmp_path, f"plugin {plugins[0]}\nplugin_opt_config_file {tmp_path}/rules.json") as broker:
        yield broker


def test_a_refused_command_topic_is_one_warning_of_what_is_lost(strict, connections, caplog):
    handlers = {COMMAND: lambda *_: None, BIRTH: lambda *_: None}
    tended = connections(strict.url, handlers=handlers, stats_s=0.1).connected()
    until(lambda: ECHO in caplog.text, "all are told")
    told = warnings(caplog)
    (switch,) = [line for line in told if COMMAND in line]
    assert f"does not let us read {COMMAND} (Not authorized): {LOST_SWITCH}" in switch
    (birth,) = [line for line in told if BIRTH in line]
    assert "what is said there is not heard over this broker" in birth
    assert len(told) == 3, told
    assert tended.connection.connected


@pytest.mark.parametrize("level", [5, 4])
def test_it_is_told_once_for_the_whole_run_in_both_versions(level, connections, caplog):
    suback = {5: b"\x90\x04\x00\x01\x00\x87", 4: b"\x90\x03\x00\x01\x80"}[level]
    answers = {5: CONNACK_5 + suback if level == 5 else UNSUPPORTED_5, 4: CONNACK_3 + suback}
    with Scripted(answers.get) as server:
        tended = connections(server.url, handlers={COMMAND: lambda *_: None})
        until(lambda: LOST_SWITCH in caplog.text, "it is told")
        server.cut()
        until(lambda: tended.connection.connects == 2, "a second connection")
        until(lambda: tended.connection.connected, "it stands")
    assert len([line for line in warnings(caplog) if COMMAND in line]) == 1


def test_a_retained_echo_of_an_earlier_life_proves_nothing(broker, connections):
    """MQTT 3.1.1 cannot say that nothing retained is wanted: it comes on every connect."""
    heard = []
    address = dataclasses.replace(parse_broker(broker.url), mqtt5=False)
    with listening(broker.port) as listener:
        listener.publish(ECHO, "{}", retain=True)
        listener.publish(COMMAND, "ON", retain=True)
        tended = connections(address, handlers={COMMAND: lambda *one: heard.append(one)}, stats_s=1e9)
        until(lambda: heard == [(b"ON", True)], "what is retained")
        listener.publish(COMMAND, "OFF")
        until(lambda: heard[1:] == [(b"OFF", False)], "what came after it")
        assert not tended.connection._vitals.echo._proven
        listener.publish(ECHO, "{}")
        until(lambda: tended.connection._vitals.echo._proven, "a live one came")
