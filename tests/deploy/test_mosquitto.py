"""Who may say and hear what, with the files of deploy/mosquitto in a real mosquitto."""

from __future__ import annotations

import pytest

from edge.config import MqttSettings, Settings
from edge.publish.homeassistant.announcer import announcer_of
from edge.publish.message import RunIdentity, emotion_message
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from edge.publish.state import blank_state
from tests.broker import HOST, until
from tests.deploy.mosquitto import NOT_AUTHORISED, Authority, Client, Deployment
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import everything

pytestmark = pytest.mark.timeout(120)
PASSWORD = "of the shelf"
EVERY_TOPIC = {
    *(f"edge-emotion/desk/{name}" for name in ("available", "emotion", "state", "event", "stats", "enabled/state")),
    *(f"edge-emotion/desk/status/{name}" for name in ("video", "audio", "engine")),
    *(f"edge-emotion/desk/status/{name}/detail" for name in ("video", "audio", "engine")),
    "homeassistant/device/edge-emotion-desk/config",
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority.make(tmp_path_factory.mktemp("pki"), "desk", "home-assistant", "dashboard")


@pytest.fixture(scope="module")
def deployment(authority, tmp_path_factory):
    made = Deployment(tmp_path_factory.mktemp("mosquitto") / "etc", authority)
    made.add_password("shelf", PASSWORD)
    with made:
        yield made


@pytest.fixture
def client(deployment, authority):
    opened = []

    def connect(name: str, *topics: str, password: str | None = None) -> Client:
        opened.append(Client(deployment, authority, name, password))
        if topics:
            opened[-1].subscribe(*topics)
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def desk(deployment, authority):
    """Our own publisher, with the certificate of `desk`."""
    switched = []
    cert, key = authority.files("desk")
    settings = MqttSettings(ca_file=authority.folder / "ca.crt", cert_file=cert, key_file=key)
    address = parse_broker(f"mqtts://{HOST}:{deployment.ports[8883]}")
    announcer = announcer_of(Settings(device_id="desk"))
    publisher = MqttPublisher(address, RunIdentity("desk", "k3f9q2"), settings, switched.append, announcer)
    publisher.switched = switched
    publisher.start()
    until(lambda: publisher.connected, "the device is let in by its certificate")
    yield publisher
    publisher.stop()


def test_a_device_publishes_all_its_topics_and_home_assistant_hears_them(client, desk):
    listener = client("home-assistant", "edge-emotion/#", "homeassistant/#")
    everything(desk)
    desk.state(blank_state(records.IDENTITY, 1))
    desk.event({"type": "face_in"})
    result = records.result()
    message = emotion_message(result, RunIdentity("desk", "k3f9q2"), seq=1, now_ns=result.window.end_ns)
    desk.result(message, result)
    until(lambda: listener.topics() >= EVERY_TOPIC, f"all topics; missing {EVERY_TOPIC - listener.topics()}")
    desk.stop()
    until(lambda: ("edge-emotion/desk/available", "stopped") in listener.heard, "the goodbye")


def test_home_assistant_switches_a_device(client, desk):
    assert client("home-assistant").publish("edge-emotion/desk/enabled/set", "OFF") == 0
    until(lambda: desk.switched == [False], "the command arrives")


def test_a_device_hears_the_echo_of_its_stats(client):
    device = client("desk", "edge-emotion/desk/stats")
    device.publish("edge-emotion/desk/stats", "mine")
    until(lambda: ("edge-emotion/desk/stats", "mine") in device.heard, "the echo")


@pytest.mark.parametrize(
    "topic",
    [
        *sorted(topic.replace("desk", "shelf") for topic in EVERY_TOPIC),
        "edge-emotion/shelf/enabled/set",
        "edge-emotion/desk/enabled/set",
        "edge-emotion/desk/anything",
        "edge-emotion/desk",
        "edge-emotion/dashboard/state",
        "homeassistant/device/desk/config",
        "homeassistant/status",
        "elsewhere",
    ],
)
def test_a_device_is_refused_what_is_not_its_own(client, topic):
    assert client("desk").publish(topic, retain=True) == NOT_AUTHORISED


def test_a_device_with_a_password_is_held_to_the_same(client):
    shelf = client("shelf", password=PASSWORD)
    assert shelf.publish("edge-emotion/shelf/state") != NOT_AUTHORISED
    assert shelf.publish("edge-emotion/desk/state") == NOT_AUTHORISED


def test_what_is_refused_reaches_nobody(client):
    listener = client("dashboard", "#")
    desk = client("desk")
    desk.publish("edge-emotion/shelf/state", "forged")
    desk.publish("edge-emotion/desk/state", "last")
    until(lambda: ("edge-emotion/desk/state", "last") in listener.heard, "what is allowed")
    assert "forged" not in {payload for _, payload in listener.heard}


def test_a_device_overhears_no_other(client):
    device = client("desk", "#", "edge-emotion/+/state", "edge-emotion/shelf/#")
    shelf, home = client("shelf", password=PASSWORD), client("home-assistant")
    shelf.publish("edge-emotion/shelf/state", "private")
    home.publish("edge-emotion/shelf/enabled/set", "ON")
    home.publish("edge-emotion/desk/enabled/set", "ON")
    until(lambda: ("edge-emotion/desk/enabled/set", "ON") in device.heard, "its own command")
    assert not [topic for topic in device.topics() if topic.startswith("edge-emotion/shelf")]


def test_a_dashboard_only_listens(client):
    dashboard = client("dashboard")
    for topic in ("edge-emotion/desk/state", "edge-emotion/desk/enabled/set", "homeassistant/status"):
        assert dashboard.publish(topic) == NOT_AUTHORISED


@pytest.mark.parametrize("topic", ["edge-emotion/desk/state", "edge-emotion/desk/available", "edge-emotion/desk/stats"])
def test_home_assistant_cannot_speak_for_a_device(client, topic):
    assert client("home-assistant").publish(topic) == NOT_AUTHORISED
