"""Who is let in, and what is too much, with the files of deploy/mosquitto in a real mosquitto."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl

import pytest

from edge.config import MqttSettings, Settings
from edge.publish.homeassistant.announcer import announcer_of
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from tests.broker import HOST, until
from tests.deploy.mosquitto import Authority, Client, Deployment, certificates
from tests.edge.publish import records

pytestmark = pytest.mark.timeout(120)
PASSWORD = "of the shelf"
CONNECT = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x0a\x00\x01x"
"""MQTT 3.1.1, client id `x`, no login."""
WELCOME = b"\x20\x02\x00\x00"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority.make(tmp_path_factory.mktemp("pki"), "desk", "shelf", "stolen")


@pytest.fixture(scope="module")
def thief(authority, tmp_path_factory):
    """Who has a copy of everything; `stolen` was revoked since."""
    folder = tmp_path_factory.mktemp("thief") / "pki"
    shutil.copytree(authority.folder, folder)
    assert certificates(authority.folder, "revoke", "stolen").returncode == 0
    return Authority(folder)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """Somebody else's CA, with a `desk` of its own."""
    return Authority.make(tmp_path_factory.mktemp("other"), "desk")


@pytest.fixture(scope="module")
def deployment(authority, thief, tmp_path_factory):
    made = Deployment(tmp_path_factory.mktemp("mosquitto") / "etc", authority, websockets=True)
    made.add_password("shelf", PASSWORD)
    with made:
        yield made


def enter(deployment: Deployment, trusts: Authority, shows: tuple | None, port: int = 8883) -> None:
    """Raises OSError with what keeps this certificate out."""
    tls = ssl.create_default_context(cafile=str(trusts.folder / "ca.crt"))
    if shows is not None:
        tls.load_cert_chain(*shows)
    with socket.create_connection((HOST, deployment.ports[port]), 10) as raw:
        talking = tls.wrap_socket(raw, server_hostname=HOST)
        talking.sendall(CONNECT)
        answer = talking.recv(4)
    if answer != WELCOME:
        raise ConnectionRefusedError(f"answered {answer!r}")


def test_a_certificate_of_the_ca_opens_the_door(deployment, authority):
    enter(deployment, authority, authority.files("desk"))


def test_without_one_it_stays_shut(deployment, authority):
    with pytest.raises(OSError):  # the alert, or the end of the line
        enter(deployment, authority, None)


def test_with_the_one_of_another_ca_it_stays_shut(deployment, authority, stranger):
    with pytest.raises(OSError):
        enter(deployment, authority, stranger.files("desk"))


def test_with_a_revoked_one_it_stays_shut(deployment, authority, thief):
    with pytest.raises(OSError):
        enter(deployment, authority, thief.files("stolen"))


def test_the_brokers_own_certificate_is_nobodys_pass(deployment, authority):
    with pytest.raises(OSError):
        enter(deployment, authority, authority.files("server"))


@pytest.mark.parametrize("port", [8883, 8884, 8885])
def test_plain_text_gets_no_answer(deployment, port):
    with socket.create_connection((HOST, deployment.ports[port]), 10) as raw:
        raw.sendall(CONNECT)
        with contextlib.suppress(ConnectionResetError):
            assert WELCOME not in raw.recv(100)


def test_nobody_is_let_in_without_a_login(deployment, authority):
    with pytest.raises(ConnectionRefusedError, match=r"x05"):  # not authorised
        enter(deployment, authority, None, 8884)


@pytest.mark.parametrize("url", ["mqtts://{host}:{tls}", "wss://shelf@{host}:{web}/mqtt"])
def test_our_publisher_comes_in_by(deployment, authority, tmp_path, url):
    """By certificate, and by password over WebSockets."""
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    cert, key = authority.files("desk")
    settings = MqttSettings(ca_file=authority.folder / "ca.crt", cert_file=cert, key_file=key)
    if url.startswith("wss"):
        settings = MqttSettings(ca_file=authority.folder / "ca.crt", password_file=secret)
    text = url.format(host=HOST, tls=deployment.ports[8883], web=deployment.ports[8885])
    publisher = MqttPublisher(parse_broker(text), records.IDENTITY, settings)
    publisher.start()
    try:
        until(lambda: publisher.connected, "it is connected")
    finally:
        publisher.stop()


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_nobody_throws_another_out_by_its_client_id(deployment, authority, password):
    desk = Client(deployment, authority, "desk", client_id="ours")
    others = [Client(deployment, authority, "shelf", password, wanted) for wanted in ("ours", "desk")]
    assert desk.publish("edge-emotion/desk/state") < 128
    assert not desk.thrown_out
    for client in (desk, *others):
        client.close()


def test_our_publisher_says_what_keeps_it_out(deployment, stranger, authority):
    cert, key = stranger.files("desk")
    settings = MqttSettings(ca_file=authority.folder / "ca.crt", cert_file=cert, key_file=key)
    publisher = MqttPublisher(parse_broker(f"mqtts://{HOST}:{deployment.ports[8883]}"), records.IDENTITY, settings)
    publisher.start()
    try:
        until(lambda: publisher.link.state == "untrusted", "it says so")
        assert not publisher.connected
    finally:
        publisher.stop()


def test_a_device_that_poses_as_the_broker_is_not_believed(authority, tmp_path):
    posing = Deployment(tmp_path / "etc", authority)
    for name, source in zip(("server.crt", "server.key"), authority.files("desk"), strict=True):
        (tmp_path / "etc/certs" / name).write_bytes(source.read_bytes())
    with posing, pytest.raises(ssl.SSLCertVerificationError):
        enter(posing, authority, authority.files("desk"))


def test_what_is_retained_survives_a_restart_of_the_broker(authority, tmp_path):
    deployment = Deployment(tmp_path / "etc", authority)
    with deployment:
        writer = Client(deployment, authority, "desk")
        writer.publish("edge-emotion/desk/stats", "kept", retain=True)
        writer.close()
    with deployment:
        reader = Client(deployment, authority, "desk")
        reader.subscribe("edge-emotion/desk/stats")
        until(lambda: reader.heard == [("edge-emotion/desk/stats", "kept")], "what was retained")
        reader.close()


def test_the_largest_message_is_far_below_the_limit_and_more_is_refused(deployment, authority):
    announcer = announcer_of(Settings(device_id="d" * 64))
    assert len(announcer.payload) < 32_768
    client = Client(deployment, authority, "desk")
    assert client.publish("edge-emotion/desk/state", "x" * 32_768) < 128
    client.close()
    enter(deployment, authority, authority.files("desk"))
    with pytest.raises(OSError):
        _too_large(deployment, authority)


def _too_large(deployment: Deployment, authority: Authority) -> None:
    """Past paho, which keeps to the limit that the broker told: 3.1.1 tells none."""
    tls = ssl.create_default_context(cafile=str(authority.folder / "ca.crt"))
    tls.load_cert_chain(*authority.files("desk"))
    topic = b"edge-emotion/desk/state"
    size = 70_000 + 2 + len(topic)
    head = b"\x30" + bytes([size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14]) + len(topic).to_bytes(2, "big")
    with socket.create_connection((HOST, deployment.ports[8883]), 10) as raw:
        talking = tls.wrap_socket(raw, server_hostname=HOST)
        talking.sendall(CONNECT)
        assert talking.recv(4) == WELCOME
        talking.sendall(head + topic + b"x" * 70_000 + b"\xc0\x00")  # and a ping
        if talking.recv(2) != b"\xd0\x00":
            raise ConnectionResetError("the broker has hung up")
