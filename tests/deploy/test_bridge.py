"""Real mosquittos, bridged by the very files that are for copying, with a real device on the site's side."""

from __future__ import annotations

import contextlib
import subprocess
import time

import pytest

from edge.config import MqttSettings
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from tests.broker import HOST, Listener, listening, until
from tests.certificates import Authority
from tests.deploy.sites import FLEET, PASSWORD, Central, bridged, site_broker
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import connected, everything
from tests.edge.publish.mqtt.line import Line

pytestmark = pytest.mark.timeout(120)
QUIET_S = 1.0


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def central(tmp_path, authority):
    with Central(tmp_path / "central", authority, ("hall", "lobby", "dashboard")) as broker:
        yield broker


@pytest.fixture
def ears(central):
    with listening(central.port, topic="sites/#") as listener:
        yield listener


@contextlib.contextmanager
def desk(port: int, on_enabled=None, settings=None):
    """The device `desk` on a site's broker."""
    publisher = MqttPublisher(parse_broker(f"mqtt://{HOST}:{port}"), records.IDENTITY, settings, on_enabled)
    publisher.start()
    try:
        yield connected(publisher)
    finally:
        publisher.stop()


def on(listener: Listener, topic: str) -> list[str]:
    """The payloads of one whole topic."""
    return [one.payload for one in list(listener.heard) if one.topic == topic]


def command(listener: Listener, site: str, word: str, *, retain: bool = False) -> None:
    listener.publish(f"sites/{site}/edge-emotion/desk/enabled/set", word, retain=retain)


def test_everything_that_a_device_says_arrives_under_its_site_as_it_was_said(tmp_path, authority, central, ears):
    with bridged(tmp_path, authority, central.tls_port, "hall") as (hall,), desk(hall.port) as device:
        ears.wait_for("link", "1")
        everything(device)
        device.event({"type": "face_in", "track": 3})
        device.result(records.message())
        names = (
            "available",
            "emotion",
            "desk/state",
            "event",
            "stats",
            "status/video",
            "video/detail",
            "enabled/state",
        )
        heard = {name: ears.wait_for(name) for name in names}
        assert all(one.topic.startswith("sites/hall/edge-emotion/desk/") for one in heard.values())
        assert {name: (one.qos, one.retain) for name, one in heard.items()} == {
            **dict.fromkeys(names, (1, True)),
            "emotion": (0, False),
            "event": (1, False),
            "stats": (0, True),
        }
        assert heard["emotion"].expiry_s == 2
        with listening(central.port, topic="sites/+/edge-emotion/+/state") as latecomer:
            assert latecomer.wait_for("state").json() == heard["desk/state"].json()


def test_a_command_reaches_its_device_once_and_no_other_of_that_name(tmp_path, authority, central, ears):
    said = {"hall": [], "lobby": []}
    with contextlib.ExitStack() as stack:
        brokers = stack.enter_context(bridged(tmp_path, authority, central.tls_port, *said))
        for name, broker in zip(said, brokers, strict=True):
            until(lambda topic=f"sites/{name}/link": on(ears, topic)[-1:] == ["1"], f"{name} is linked")
            stack.enter_context(desk(broker.port, said[name].append))
        inside = stack.enter_context(listening(brokers[1].port))
        command(ears, "lobby", "OFF")
        until(lambda: said["lobby"], "the command")
        time.sleep(QUIET_S)
        assert said == {"hall": [], "lobby": [False]}
        assert on(inside, "edge-emotion/desk/enabled/set") == ["OFF"]
        assert on(ears, "sites/lobby/edge-emotion/desk/enabled/set") == ["OFF"]


def test_what_is_said_inside_a_site_goes_round_in_no_loop(tmp_path, authority, central, ears):
    with bridged(tmp_path, authority, central.tls_port, "hall") as (hall,), listening(hall.port) as inside:
        ears.wait_for("link", "1")
        inside.publish("edge-emotion/desk/enabled/set", "OFF")
        inside.publish("edge-emotion/desk/state", "one")
        ears.publish("sites/hall/edge-emotion/desk/state", "two")
        ears.wait_for("desk/state", "two")
        time.sleep(QUIET_S)
        assert on(inside, "edge-emotion/desk/enabled/set") == ["OFF"]
        assert on(inside, "edge-emotion/desk/state") == ["one"]
        assert on(ears, "sites/hall/edge-emotion/desk/enabled/set") == []
        assert sorted(on(ears, "sites/hall/edge-emotion/desk/state")) == ["one", "two"]


def test_a_command_that_the_centre_retains_is_not_obeyed(tmp_path, authority, central, ears):
    said = []
    command(ears, "hall", "OFF", retain=True)
    with bridged(tmp_path, authority, central.tls_port, "hall") as (hall,), desk(hall.port, said.append):
        ears.wait_for("link", "1")
        command(ears, "hall", "OFF", retain=True)
        with listening(hall.port) as inside:
            assert inside.wait_for("enabled/set").retain
        time.sleep(QUIET_S)
        assert not said
        command(ears, "hall", "ON")
        until(lambda: said == [True], "the command that was not retained")


def test_a_cut_line_is_told_at_the_centre_and_what_matters_follows_afterwards(tmp_path, authority, central, ears):
    said = []
    with (
        Line(central.tls_port) as line,
        bridged(tmp_path, authority, line.port, "hall") as (hall,),
        desk(hall.port, said.append) as device,
    ):
        ears.wait_for("link", "1")
        device.state({"emotion": "sad"})
        ears.wait_for("desk/state", '{"emotion":"sad"}')
        line.sever()
        before = len(ears.heard)
        ears.wait_for("link", "0", after=before - 1)
        for emotion in ("angry", "happy"):
            device.state({"emotion": emotion})
            device.event({"type": "change", "to": emotion})
            device.result(records.message())
        command(ears, "hall", "OFF")
        time.sleep(QUIET_S)
        line.mend()
        ears.wait_for("link", "1", after=before)
        until(lambda: len(ears.on("event")) >= 2, "the events of the time without a line")
        time.sleep(QUIET_S)
        assert not said
        command(ears, "hall", "ON")
        until(lambda: said == [True], "a command after that time")
        events = [one.json()["to"] for one in ears.on("event")]
        states = [one.json()["emotion"] for one in ears.on("desk/state")]
        assert events == ["angry", "happy"]
        assert (states[0], states[-1]) == ("sad", "happy")
        assert not ears.on("emotion")


def test_a_centre_that_forgot_everything_is_told_all_again(tmp_path, authority, central, ears):
    with bridged(tmp_path, authority, central.tls_port, "hall") as (hall,), desk(hall.port) as device:
        ears.wait_for("link", "1")
        everything(device)
        ears.wait_for("video/detail")
        central.stop()
        central.start()
        with listening(central.port, topic="sites/#") as afterwards:
            afterwards.wait_for("link", "1")
            told = {name: afterwards.wait_for(name) for name in ("available", "desk/state", "status/video", "stats")}
    assert told["available"].payload == "online"
    assert told["status/video"].payload == "online"


def test_a_site_that_dies_is_told_by_the_centres_will(tmp_path, authority, central, ears):
    hall = site_broker(tmp_path / "hall", "hall", central.tls_port, authority)
    with hall:
        ears.wait_for("link", "1")
        before = len(ears.heard)
    assert ears.wait_for("link", "0", after=before).retain


def test_a_site_that_lets_nobody_in_without_a_password_needs_no_rule_for_its_bridge(tmp_path, authority, central, ears):
    said = []
    password = tmp_path / "password"
    password.write_text(PASSWORD, encoding="utf-8")
    password.chmod(0o600)
    settings = MqttSettings(username="desk", password_file=password)
    acl = FLEET.parent / "mosquitto" / "edge-emotion.acl"
    with (
        site_broker(tmp_path / "hall", "hall", central.tls_port, authority, acl) as hall,
        desk(hall.port, said.append, settings) as device,
    ):
        ears.wait_for("link", "1")
        everything(device)
        assert ears.wait_for("enabled/state", "ON").topic == "sites/hall/edge-emotion/desk/enabled/state"
        command(ears, "hall", "OFF")
        until(lambda: said == [False], "the command")


def login(central: Central, authority: Authority, name: str) -> list[str]:
    """The words by which mosquitto's clients log in at the centre."""
    place = ["-h", HOST, "-p", str(central.tls_port), "--cafile", str(authority.own.cert)]
    return ["-V", "5", "-q", "1", "-u", name, "-P", PASSWORD, *place]


def reading(words: list[str], topic: str, number: int) -> subprocess.Popen[str]:
    """mosquitto_sub, until it has heard so many messages."""
    command = ["mosquitto_sub", *words, "-t", topic, "-C", str(number), "-W", "30"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_site_can_neither_speak_for_another_nor_overhear_it(authority, central, ears):
    words = login(central, authority, "hall")
    names = ("available", "emotion", "state", "event", "stats", "status/video", "enabled/state", "enabled/set")
    for topic in ("link", *(f"edge-emotion/desk/{name}" for name in names)):
        subprocess.run(["mosquitto_pub", *words, "-t", f"sites/lobby/{topic}", "-m", "forged"])
    subprocess.run(["mosquitto_pub", *words, "-t", "sites/hall/edge-emotion/desk/state", "-m", "hall"])
    ears.wait_for("desk/state", "hall")
    assert "forged" not in {one.payload for one in ears.heard}
    spy = reading(words, "sites/#", 1)

    def overheard():
        command(ears, "lobby", "OFF")
        command(ears, "hall", "ON")
        return spy.poll() is not None

    until(overheard, "a command")
    assert spy.communicate()[0].split() == ["ON"]


def test_a_dashboard_reads_every_site_in_a_group_too_and_switches_nothing(authority, central, ears):
    words = login(central, authority, "dashboard")
    dashboard = reading(words, "$share/workers/sites/+/edge-emotion/+/event", 2)

    def told():
        for site in ("lobby", "hall"):
            ears.publish(f"sites/{site}/edge-emotion/desk/event", site)
        return dashboard.poll() is not None

    until(told, "an event of each site")
    subprocess.run(["mosquitto_pub", *words, "-t", "sites/hall/edge-emotion/desk/enabled/set", "-m", "OFF"])
    assert sorted(dashboard.communicate()[0].split()) == ["hall", "lobby"]
    ears.publish("sites/hall/edge-emotion/desk/event", "the last one")
    ears.wait_for("event", "the last one")
    assert not ears.on("enabled/set")
