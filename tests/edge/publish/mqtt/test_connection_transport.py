from __future__ import annotations

import pytest

from edge.config import MqttSettings
from tests.broker import HOST, Mosquitto, free_port, listening, until
from tests.certificates import Authority
from tests.edge.publish.mqtt.tended import ECHO, Hasty, lines

pytestmark = pytest.mark.timeout(60)
SCHEMES = ("mqtt", "mqtts", "ws", "wss", "unix")


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """One mosquitto with a listener of each kind: (its plain port, URL by scheme, settings)."""
    folder = tmp_path_factory.mktemp("doors")
    authority = Authority(folder)
    own = authority.issue("broker")
    tls = f"certfile {own.cert}\nkeyfile {own.key}\n"
    ports = {scheme: free_port() for scheme in ("mqtts", "ws", "wss")}
    extra = (
        f"listener {ports['mqtts']} {HOST}\n{tls}"
        f"listener {ports['ws']} {HOST}\nprotocol websockets\n"
        f"listener {ports['wss']} {HOST}\nprotocol websockets\n{tls}"
        f"listener 0 {folder}/socket"
    )
    with Mosquitto(folder, extra) as broker:
        urls = {scheme: f"{scheme}://{HOST}:{port}" for scheme, port in ports.items()}
        urls |= {"mqtt": broker.url, "unix": f"unix://{folder}/socket"}
        urls["ws"] += "/some/path"
        yield broker.port, urls, MqttSettings(ca_file=authority.own.cert)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_way_to_the_broker_carries_messages_both_ways_with_mqtt_5(door, scheme, connections):
    port, urls, settings = door
    heard = []
    topic = f"edge-emotion/{scheme}/enabled/set"
    handlers = {topic: lambda payload, retained: heard.append((payload, retained))}
    tended = connections(urls[scheme], settings, handlers=handlers, device=scheme).listening()
    assert tended.connection.mqtt5
    with listening(port) as listener:
        listener.wait_for(ECHO.removeprefix("edge-emotion/"))
        listener.publish(topic, "OFF")
        until(lambda: heard == [(b"OFF", False)], "the command")
        tended.stop()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_will_is_left_over_each_of_them(door, scheme, connections):
    port, urls, settings = door
    with listening(port) as listener:
        connections(urls[scheme], settings, device=f"will-{scheme}").connected().stop(clean=False)
        listener.wait_for(f"will-{scheme}/available", "offline")


@pytest.mark.parametrize(
    ("scheme", "taken_for", "remedy"),
    [
        ("ws", "mqtt", "write ws:// if"),
        ("mqtt", "ws", "does not speak MQTT over WebSockets there; check port and path"),
        ("ws", "wss", "does not speak TLS on this port"),
        ("wss", "ws", "does not speak MQTT over WebSockets there"),
        ("wss", "mqtt", "write mqtts:// if"),
    ],
)
def test_a_port_of_another_kind_is_one_line_that_names_the_remedy(door, scheme, taken_for, remedy, connections, caplog):
    _, urls, settings = door
    back_off = Hasty()
    url = urls[scheme].removesuffix("/some/path").replace(f"{scheme}://", f"{taken_for}://")
    assert remedy in connections(url, settings, back_off=back_off).in_state("refused", "untrusted")
    until(lambda: back_off.asked >= 4, "more tries")
    assert len(lines(caplog)) == 1, lines(caplog)
