"""The check of the broker, against real ones."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from edge.config import MqttSettings
from edge.doctor import Verdict, examine
from edge.doctor.broker import BrokerCheck
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.connection import Connection
from edge.publish.mqtt.embedded import EmbeddedBroker
from edge.publish.mqtt.wiring import Wiring
from tests import boards
from tests.broker import HOST, Mosquitto, free_port, listening, until
from tests.certificates import Authority
from tests.edge.publish.mqtt.scripted import Scripted

ACL = Path(__file__).parents[3] / "deploy/mosquitto/edge-emotion.acl"
UNIT = "[Service]\nLoadCredential=mqtt-password:/etc/edge-emotion/mqtt-password\n"


def look(machine, url, root=None, environ=None, **mqtt):
    settings = {f"mqtt.{key}": str(value) for key, value in mqtt.items()}
    (finding,) = dict(
        examine([BrokerCheck()], machine(root, environ=environ, broker=url, device_id="desk", **settings))
    ).values()
    return finding


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A broker with the shipped list of rights: `desk` is a device's own login, `dashboard` may only listen."""
    folder = tmp_path_factory.mktemp("guarded")
    for name in ("desk", "dashboard"):
        created = [] if (folder / "users").exists() else ["-c"]
        subprocess.run(
            ["mosquitto_passwd", "-b", *created, folder / "users", name, "hush"], check=True, capture_output=True
        )
    (folder / "acl").write_text(ACL.read_text())
    (folder / "right").write_text("hush\n")
    (folder / "wrong").write_text("loud\n")
    extra = f"password_file {folder}/users\nacl_file {folder}/acl"
    with Mosquitto(folder, extra, anonymous=False) as broker:
        yield broker, folder


def test_a_broker_that_takes_us_is_fine_and_keeps_nothing(machine, tmp_path):
    with Mosquitto(tmp_path) as broker, listening(broker.port) as listener:
        finding = look(machine, broker.url)
        assert (finding.verdict, finding.found) == (Verdict.OK, f"{broker.url} takes us (MQTT 5)")
        heard = listener.wait_for("status/doctor")
        assert not heard.retain
        assert {one.topic for one in listener.heard} == {"edge-emotion/desk/status/doctor"}


def test_a_daemon_that_is_connected_stays_so(machine, tmp_path):
    with Mosquitto(tmp_path) as broker:
        wiring = Wiring("desk", "edge-emotion/desk/available", {}, lambda: None, lambda: None)
        daemon = Connection(parse_broker(broker.url), MqttSettings(), wiring)
        daemon.start()
        try:
            until(lambda: daemon.connected, "the daemon is connected")
            assert look(machine, broker.url).verdict is Verdict.OK
            daemon.ping()
            until(lambda: daemon.pongs, "the daemon's ping is answered")
            assert daemon.connects == 1
        finally:
            daemon.stop(clean=True)


@pytest.mark.parametrize(
    ("user", "password", "verdict", "words"),
    [
        ("desk", "right", Verdict.OK, "takes us (MQTT 5)"),
        ("desk", "wrong", Verdict.FAILED, "refuses this login (Not authorized)"),
        ("nobody", "right", Verdict.FAILED, "refuses this login (Not authorized)"),
        ("dashboard", "right", Verdict.FAILED, "does not let this login publish its results (Not authorized)"),
    ],
)
def test_login_and_rights_are_tried_as_they_are(guarded, user, password, verdict, words, machine):
    broker, folder = guarded
    finding = look(machine, f"mqtt://{user}@{HOST}:{broker.port}", password_file=folder / password)
    assert finding.verdict is verdict, finding
    assert words in finding.found
    assert "hush" not in repr(finding)
    assert "loud" not in repr(finding)
    assert bool(finding.remedy) == (verdict is not Verdict.OK)


def test_the_password_that_only_the_service_gets_is_no_wrong_login(guarded, machine, tmp_path):
    broker, folder = guarded
    url = f"mqtt://desk@{HOST}:{broker.port}"
    files = {"etc/systemd/system/edge-emotion.service": UNIT, "etc/edge-emotion/mqtt-password": "hush\n"}
    root = boards.write(tmp_path / "root", files)
    finding = look(machine, url, root)
    assert finding.verdict is Verdict.WARNING
    assert "--as-service" in finding.remedy
    credentials = boards.write(tmp_path / "credentials", {"mqtt-password": "hush\n"})
    assert look(machine, url, root, {"CREDENTIALS_DIRECTORY": str(credentials)}).verdict is Verdict.OK
    (credentials / "mqtt-password").write_text("loud\n")
    assert look(machine, url, root, {"CREDENTIALS_DIRECTORY": str(credentials)}).verdict is Verdict.FAILED
    assert look(machine, url, root, password_file=folder / "wrong").verdict is Verdict.FAILED


def test_a_password_file_that_is_no_text_is_named(machine, tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\n")
    finding = look(machine, f"mqtt://desk@{HOST}:{free_port()}", password_file=tmp_path / "binary")
    assert finding.verdict is Verdict.FAILED
    assert f"The password file {tmp_path}/binary cannot be read" in finding.remedy


def test_tls_is_believed_only_with_the_right_issuer(machine, tmp_path):
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    good = authority.issue("good")
    port = free_port()
    tls = f"listener {port} {HOST}\ncertfile {good.cert}\nkeyfile {good.key}"
    with Mosquitto(tmp_path, tls) as broker:
        url = f"mqtts://{HOST}:{port}"
        assert look(machine, url, ca_file=authority.own.cert).found == f"{url} takes us (MQTT 5)"
        for other in ({}, {"ca_file": stranger.own.cert}):
            finding = look(machine, url, **other)
            assert finding.verdict is Verdict.FAILED
            assert "unknown issuer" in finding.found
            assert "mqtt.ca_file" in finding.remedy
        plain = look(machine, f"mqtt://{HOST}:{port}")
        assert plain.verdict is Verdict.FAILED
        assert "mqtts://" in plain.remedy
        without = look(machine, f"mqtts://{HOST}:{broker.port}", ca_file=authority.own.cert)
        assert without.verdict is Verdict.FAILED
        assert "TLS" in without.remedy or "TLS" in without.found


def test_a_broker_that_is_away_is_waited_for_by_the_daemon(machine):
    finding = look(machine, f"mqtt://{HOST}:{free_port()}")
    assert finding.verdict is Verdict.WARNING
    assert "Connection refused" in finding.found
    assert "start the broker" in finding.remedy.lower()


def test_a_port_that_says_nothing_is_named_in_time(machine):
    with socket.create_server((HOST, 0)) as silent:
        url = f"mqtt://{HOST}:{silent.getsockname()[1]}"
        finding = look(machine, url)
    assert finding.verdict is Verdict.WARNING
    assert finding.found == f"{url} takes the connection and does not answer"
    assert finding.remedy == "Check that it is an MQTT broker."


def test_a_broker_of_mqtt_3_only_is_fine(machine):
    broker = EmbeddedBroker(free_port(), prefer_mosquitto=False)
    broker.start()
    try:
        finding = look(machine, broker.url)
    finally:
        broker.stop()
    assert finding.verdict is Verdict.OK
    assert finding.found.startswith(f"{broker.url} takes us (MQTT 3.1.1)")


def test_what_is_no_broker_is_asked_in_both_versions_and_fails(machine):
    with Scripted(lambda level: b"HTTP/1.1 400 Bad Request\r\n" + 100 * b"x") as server:
        finding = look(machine, server.url)
    assert server.levels == [5, 4]
    assert finding.verdict is Verdict.FAILED
    assert "not MQTT" in finding.found


def test_no_broker_and_our_own_need_no_visit(machine):
    assert look(machine, "none").verdict is Verdict.NOT_APPLICABLE
    assert look(machine, "embedded").verdict is Verdict.OK
