"""A real Home Assistant, a real broker, and the publisher between them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from edge.cli import main
from edge.publish.homeassistant.announcer import Announcer
from edge.publish.homeassistant.birth import Birth
from edge.publish.homeassistant.discovery import announcement, discovery_message
from edge.publish.message import RunIdentity
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.publisher import MqttPublisher
from edge.publish.schema import load_schema
from edge.publish.state import blank_state
from tests.broker import until
from tests.homeassistant.home import Home

pytestmark = pytest.mark.timeout(400)  # the environment may have to be made first
PAGE = Path(__file__).parents[2] / "docs" / "home-assistant.md"
IDENTITY = RunIdentity("desk", "k3f9q2", "9f2c01ab")


@pytest.fixture(scope="module")
def home(python, broker, tmp_path_factory):
    with Home(python, tmp_path_factory.mktemp("home"), broker.port) as home:
        yield home


@pytest.fixture(scope="module")
def switched():
    return []


@pytest.fixture(scope="module")
def device(broker, home, switched):
    announcer = Announcer(announcement("desk"), Birth(lambda: 0.0))
    device = MqttPublisher(parse_broker(broker.url), IDENTITY, on_enabled=switched.append, announcer=announcer)
    device.start()
    device.enabled(True)
    device.state(blank_state(IDENTITY, 1))
    yield device
    device.stop()


@pytest.fixture(scope="module")
def automations():
    """Those of docs/home-assistant.md; what they wait for is made short."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    found = [one for block in blocks for one in yaml.safe_load(block)["automation"]]
    for one in found:
        for trigger in one["triggers"]:
            trigger["for"] = "00:00:00.1"
    return found


def example(topic: str) -> dict:
    return load_schema(topic)["examples"][0]


def becomes(home: Home, entity_id: str, state: str | None) -> None:
    until(lambda: home.state(entity_id) == state, f"{entity_id} is {state!r}, not {home.state(entity_id)!r}")


def test_all_entities_appear_and_home_assistant_has_nothing_to_complain_of(home, device):
    expected = {component["unique_id"] for component in discovery_message("desk")["components"].values()}
    until(lambda: len(home.ask("entities")) >= len(expected), "all entities")
    assert {entity["unique_id"] for entity in home.ask("entities").values()} == expected
    assert [one["name"] for one in home.ask("devices")] == ["desk"]
    assert [line for line in home.ask("warnings") if "mqtt" in line] == []


def test_they_are_named_as_asked(home, device):
    becomes(home, "switch.desk_recognition", "on")
    asked = {component["default_entity_id"] for component in discovery_message("desk")["components"].values()}
    assert set(home.ask("entities")) == asked


def test_with_nobody_there_all_is_unknown(home, device):
    device.state(blank_state(IDENTITY, 1))
    becomes(home, "sensor.desk_emotion", "unknown")
    for name in ("confidence", "valence", "probability_happy", "voice_emotion"):
        assert home.state(f"sensor.desk_{name}") == "unknown"
    assert home.state("binary_sensor.desk_speaking") == "unknown"


def test_a_state_is_shown(home, device):
    device.state({**example("state"), "valence": 0.694, "confidence": 0.8049, "speaking": True})
    becomes(home, "sensor.desk_emotion", "happy")
    states = home.ask("states")
    assert states["sensor.desk_confidence"]["state"] == "80"
    assert states["sensor.desk_valence"]["state"] == "0.69"
    assert states["sensor.desk_probability_happy"]["state"] == "80"
    assert states["sensor.desk_voice_emotion"]["state"] == "happy"
    assert states["binary_sensor.desk_speaking"]["state"] == "on"
    assert states["sensor.desk_emotion"]["attributes"]["source"] == "face"


def test_nothing_of_it_stays_when_they_leave(home, device):
    device.state({**example("state"), "speaking": True})
    becomes(home, "binary_sensor.desk_speaking", "on")
    device.state(blank_state(IDENTITY, 2))
    becomes(home, "binary_sensor.desk_speaking", "unknown")
    states = home.ask("states")
    for entity_id in ("sensor.desk_emotion", "sensor.desk_valence", "sensor.desk_probability_happy"):
        assert states[entity_id]["state"] == "unknown"
    assert states["sensor.desk_emotion"]["attributes"]["label"] is None


def test_a_label_in_doubt_is_shown_as_uncertain_and_kept_beside_it(home, device):
    device.state({**example("state"), "emotion": "sad", "uncertain": True})
    becomes(home, "sensor.desk_emotion", "uncertain")
    assert home.ask("states")["sensor.desk_emotion"]["attributes"]["label"] == "sad"


def test_the_figures_are_shown(home, device):
    device.stats({**example("stats"), "audio_lag_ms": -38.0, "temperature_c": None})
    becomes(home, "sensor.desk_audio_lag", "-38.0")
    assert home.state("sensor.desk_temperature") == "unknown"
    assert home.state("sensor.desk_connection_quality") == example("stats")["connection_quality"]


@pytest.mark.parametrize(
    ("status", "shown"), [("online", "on"), ("degraded", "on"), ("offline", "off"), ("disabled", "unknown")]
)
def test_a_camera_that_is_switched_off_is_not_a_camera_that_is_lost(home, device, status, shown):
    device.status("video", status, {"reason": "because", "stamp_kind": "driver"})
    becomes(home, "sensor.desk_camera_status", status)
    assert home.state("binary_sensor.desk_camera") == shown
    until(
        lambda: home.ask("states")["sensor.desk_camera_status"]["attributes"].get("reason") == "because", "the reason"
    )


def test_events_are_heard(home, device):
    device.event({**example("event"), "type": "change"})
    until(lambda: home.ask("states")["event.desk_activity"]["attributes"]["event_type"] == "change", "the event")


def test_the_switch_reaches_the_device(home, device, switched):
    home.ask("call", "switch", "turn_off", "switch.desk_recognition")
    until(lambda: switched == [False], "off")
    device.enabled(False)
    becomes(home, "switch.desk_recognition", "off")
    home.ask("call", "switch", "turn_on", "switch.desk_recognition")
    until(lambda: switched == [False, True], "on")
    device.enabled(True)
    becomes(home, "switch.desk_recognition", "on")


def test_the_automations_of_the_page_work(home, device, switched, automations):
    assert home.ask("automation", automations)
    switched.clear()
    device.enabled(True)
    device.state({**example("state"), "emotion": "angry", "confidence": 0.9})
    until(lambda: home.ask("called"), "the light")
    assert home.ask("called")[0]["data"]["entity_id"] == ["light.living_room"]
    home.ask("set", "input_boolean.guests", "off")
    home.ask("set", "input_boolean.guests", "on")
    until(lambda: switched[-1:] == [False], "recognition is off")
    device.enabled(False)
    home.ask("set", "input_boolean.guests", "off")
    until(lambda: switched[-1:] == [True], "recognition is on")


def test_nothing_that_was_said_made_it_complain(home, device):
    assert [line for line in home.ask("warnings") if "mqtt" in line] == []


def test_a_device_that_stops_is_unavailable_and_one_that_is_removed_is_gone(home, device, broker):
    device.stop()
    becomes(home, "sensor.desk_emotion", "unavailable")
    assert main(["remove-discovery", "--broker", broker.url, "--device-id", "desk"]) == 0
    until(lambda: home.ask("entities") == {}, "no entities")
    assert home.ask("devices") == []
