from __future__ import annotations

import dataclasses
import subprocess

import pytest

from edge.config import MqttSettings
from edge.errors import ConfigError
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.link import Link
from edge.publish.mqtt.publisher import MqttPublisher
from tests.broker import HOST, Mosquitto, until
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import connected
from tests.edge.publish.mqtt.tended import Hasty, lines

pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize("mqtt5", [True, False])
def test_a_refused_login_is_one_line_and_a_state(mqtt5, tmp_path, connections, caplog):
    (tmp_path / "users").write_text("")
    with Mosquitto(tmp_path, f"password_file {tmp_path}/users", anonymous=False) as broker:
        address = dataclasses.replace(parse_broker(f"mqtt://mia@{HOST}:{broker.port}"), mqtt5=mqtt5)
        back_off = Hasty()
        reason = connections(address, back_off=back_off).in_state("refused")
        assert reason == f"{address} refuses this login (Not authorized); check username and password"
        until(lambda: back_off.asked >= 5, "more tries")
    assert lines(caplog)[:1] == [reason]
    assert sum("refuses this login" in line for line in lines(caplog)) == 1
    assert "Traceback" not in caplog.text


def test_a_refused_login_is_not_tried_every_second_though_the_broker_is_near(tmp_path, connections):
    (tmp_path / "users").write_text("")
    asked = []

    class Asked(Hasty):
        def next_s(self, longest_s: float = 30.0) -> float:
            asked.append(longest_s)
            return super().next_s(longest_s)

    with Mosquitto(tmp_path, f"password_file {tmp_path}/users", anonymous=False) as broker:
        connections(broker.url, back_off=Asked()).in_state("refused")
        assert set(asked) == {30.0}


def test_the_publisher_shows_the_state_of_its_connection(broker, publishers):
    publisher = connected(publishers(broker.url))
    assert publisher.link == Link("connected", f"connected to {broker.url} (MQTT 5)")
    publisher.stop()
    assert publisher.link.state == "closed"


def test_the_password_comes_from_its_file(tmp_path, publishers):
    users, secret = tmp_path / "users", tmp_path / "secret"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(users), "mia", "s3 cret"], check=True, capture_output=True)
    secret.write_text("s3 cret\n")
    with Mosquitto(tmp_path, f"password_file {users}", anonymous=False) as broker:
        connected(publishers(f"mqtt://mia@{HOST}:{broker.port}", MqttSettings(password_file=secret))).stop()


def test_an_unreadable_password_file_or_certificate_is_one_sentence(tmp_path):
    address = parse_broker("mqtts://localhost")
    with pytest.raises(ConfigError, match=r"password file .*none cannot be read"):
        MqttPublisher(address, records.IDENTITY, MqttSettings(password_file=tmp_path / "none"))
    (tmp_path / "ca.pem").write_text("no certificate")
    publisher = MqttPublisher(address, records.IDENTITY, MqttSettings(ca_file=tmp_path / "ca.pem"))
    with pytest.raises(ConfigError, match=r"ca\.pem"):
        publisher.start()
    publisher.stop()
