from __future__ import annotations

import json
import re
from copy import deepcopy

import pytest
from jsonschema import Draft202012Validator

from edge import __version__
from edge.config import load_settings
from edge.errors import EdgeError
from edge.publish.homeassistant.announcer import announcer_of
from edge.publish.homeassistant.discovery import announcement, discovery_message
from edge.publish.homeassistant.node import node_id
from edge.publish.schema import load_schema
from edge.samples import EMOTIONS
from tests.edge.publish.homeassistant.rules import MESSAGE

RULES = Draft202012Validator(MESSAGE)
FIELD = re.compile(r"value_json\.([\w.]+)")


@pytest.fixture
def message():
    return discovery_message("desk")


@pytest.mark.parametrize("device_id", ["desk", "Küche", "a.b", "x" * 64, "-_."])
@pytest.mark.parametrize("absent", [(), ("video",), ("audio",), ("video", "audio")])
def test_it_keeps_to_home_assistants_rules(device_id, absent):
    RULES.validate(discovery_message(device_id, absent))


@pytest.mark.parametrize(
    ("component", "key", "value"),
    [
        ("emotion", "expires_after", 5),
        ("emotion", "unit_of_measurement", "%"),
        ("emotion", "options", []),
        ("memory", "unit_of_measurement", "mb"),
        ("confidence", "entity_category", "config"),
        ("confidence", "state_topic", "~/state"),
        ("recognition", "retain", True),
        ("recognition", "state_class", "measurement"),
        ("camera", "unique_id", ""),
    ],
)
def test_the_rules_find_what_is_wrong(message, component, key, value):
    wrong = deepcopy(message)
    wrong["components"][component][key] = value
    assert not RULES.is_valid(wrong)


def test_it_fits_the_schema_that_we_publish(message):
    Draft202012Validator(load_schema("homeassistant/device/config")).validate(message)


def test_what_users_were_promised_is_there(message):
    components = message["components"]
    for label in EMOTIONS:
        assert components[f"probability_{label}"]["platform"] == "sensor"
    for key in ("emotion", "confidence", "valence", "arousal", "voice_emotion", "audio_lag"):
        assert components[key]["platform"] == "sensor"
    for key in ("camera", "microphone", "speaking"):
        assert components[key]["platform"] == "binary_sensor"
    assert components["recognition"]["platform"] == "switch"


def test_no_label_is_home_assistants_own_word(message):
    options = [option for component in message["components"].values() for option in component.get("options", ())]
    assert options
    assert not {"unknown", "unavailable", "none", "None", ""} & set(options)


def test_nothing_expires(message):
    assert "expire_after" not in json.dumps(message)


def test_no_entity_has_anothers_id(message):
    components = message["components"].values()
    assert len({component["unique_id"] for component in components}) == len(components)
    assert len({component["default_entity_id"] for component in components}) == len(components)


def test_every_field_that_is_read_is_one_that_is_sent(message):
    read = 0
    for component in message["components"].values():
        topic = component["state_topic"].removeprefix("edge-emotion/desk/")
        for template in (component.get("value_template", ""), component.get("json_attributes_template", "")):
            for path in FIELD.findall(template):
                _check_field(load_schema(topic), path)
                read += 1
    assert read > 30


def _check_field(schema: dict, path: str) -> None:
    for name in path.split("."):
        known = schema.get("properties", {})
        assert name in known or "additionalProperties" in schema, path
        schema = known.get(name, {})


def test_only_what_is_retained_is_shown_as_a_state(message):
    """A new Home Assistant would wait for the rest."""
    kept = {"state", "stats", "status/video", "status/audio", "status/engine", "enabled/state"}
    for component in message["components"].values():
        if component["platform"] != "event":
            assert component["state_topic"].removeprefix("edge-emotion/desk/") in kept


def test_the_version_is_told(message):
    assert message["device"]["sw_version"] == message["origin"]["sw_version"] == __version__


def test_a_stream_that_is_not_there_has_no_entities():
    components = discovery_message("desk", ["audio"])["components"]
    assert components["microphone"] == {"platform": "binary_sensor"}
    assert components["voice_emotion"] == {"platform": "sensor"}
    assert "state_topic" in components["camera"]
    assert "state_topic" in components["emotion"]


def test_the_settings_decide():
    flags = {"camera": "0", "mic": "None ", "device_id": "desk"}
    told = announcer_of(load_settings({**flags, "homeassistant.prefix": "ha/eu"}, environ={}))
    assert told.topic == f"ha/eu/device/{node_id('desk')}/config"
    assert told.birth_topics == ("ha/eu/status", "homeassistant/status")
    assert json.loads(told.payload) == discovery_message("desk", ["audio"])
    assert announcer_of(load_settings({**flags, "homeassistant.discovery": "false"}, environ={})) is None


def test_without_a_prefix_of_its_own_there_is_one_birth_topic():
    assert announcement("desk").birth_topics == ("homeassistant/status",)


@pytest.mark.parametrize("prefix", ["", "/ha", "ha/", "ha//eu", "ha/#", "+", "h a"])
def test_a_prefix_that_is_no_topic_is_refused(prefix):
    with pytest.raises(EdgeError, match="it must be a topic"):
        load_settings({"homeassistant.prefix": prefix}, environ={})
