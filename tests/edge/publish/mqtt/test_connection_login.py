from __future__ import annotations

import subprocess
import time

import pytest

from edge.config import MqttSettings
from edge.errors import ConfigError
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from tests.broker import HOST, Mosquitto, until
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import connected

pytestmark = pytest.mark.timeout(120)


def test_a_refused_login_is_one_line(tmp_path, publishers, caplog):
    (tmp_path / "users").write_text("")
    with Mosquitto(tmp_path, f"password_file {tmp_path}/users", anonymous=False) as broker:
        publisher = publishers(f"mqtt://mia@{HOST}:{broker.port}")
        until(lambda: "refuses this login" in caplog.text, "the log says so")
        time.sleep(2.5)  # at least one further attempt
        assert not publisher.connected
    lines = [record.getMessage() for record in caplog.records if record.name == "edge.publish.mqtt.link"]
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
