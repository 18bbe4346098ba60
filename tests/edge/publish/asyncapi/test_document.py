from __future__ import annotations

import copy
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.publish.asyncapi.document import asyncapi_document
from edge.publish.asyncapi.yaml_text import as_yaml
from edge.publish.catalogue import TOPICS
from tests.description import PATH, Description

DESCRIPTION = Description()
CONTRACT = {  # address: QoS, retained, expiry in seconds; None for what is only received
    "edge-emotion/{deviceId}/available": (1, True, None),
    "edge-emotion/{deviceId}/emotion": (0, False, 2),
    "edge-emotion/{deviceId}/state": (1, True, None),
    "edge-emotion/{deviceId}/event": (1, False, None),
    "edge-emotion/{deviceId}/stats": (0, True, None),
    "edge-emotion/{deviceId}/status/{stream}": (1, True, None),
    "edge-emotion/{deviceId}/status/{stream}/detail": (1, True, None),
    "edge-emotion/{deviceId}/enabled/set": None,
    "edge-emotion/{deviceId}/enabled/state": (1, True, None),
    "homeassistant/device/{nodeId}/config": (1, True, None),
    "homeassistant/status": None,
}


def test_the_page_is_what_the_command_prints():
    remedy = "edge-emotion schema --asyncapi > docs/asyncapi.yaml"
    assert PATH.read_text(encoding="utf-8") == as_yaml(asyncapi_document()), f"make it anew: {remedy}"


def test_every_topic_of_the_contract_is_a_channel_and_no_other():
    assert {channel["address"] for channel in DESCRIPTION.channels.values()} == set(CONTRACT)
    for key, channel in DESCRIPTION.channels.items():
        manners = CONTRACT[channel["address"]]
        assert (key in DESCRIPTION.channels_to("send")) == (manners is not None)
        if manners is not None:
            binding = DESCRIPTION.operation(key, "send")["bindings"]["mqtt"]
            assert (binding["qos"], binding["retain"], binding.get("messageExpiryInterval")) == manners


def test_the_page_about_mqtt_has_the_same_topics():
    text = PATH.with_name("mqtt.md").read_text(encoding="utf-8")
    for topic in TOPICS:
        if topic.address.startswith("edge-emotion/"):
            assert f"`…/{topic.name.removesuffix('/detail')}" in text, topic.name


def test_every_reference_leads_somewhere_and_nothing_is_left_over():
    seen = set()

    def look(value) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                assert len(value) == 1, value
                assert DESCRIPTION.resolve(value) is not None
                seen.add(value["$ref"])
            for item in value.values():
                look(item)
        elif isinstance(value, list):
            for item in value:
                look(item)

    look(DESCRIPTION.document)
    parts = {
        f"#/components/{kind}/{name}" for kind, all_ in DESCRIPTION.document["components"].items() for name in all_
    }
    assert parts <= seen


@pytest.mark.parametrize("channel", DESCRIPTION.channels)
def test_every_example_keeps_to_its_schema(channel):
    examples = DESCRIPTION.message(channel)["examples"]
    assert examples
    for example in examples:
        DESCRIPTION.validate(channel, example["payload"])


_ANYTHING = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2) | st.text(max_size=3) | st.just([]) | st.just({})
)


@given(st.data())
def test_the_embedded_schemas_judge_as_the_packages_do(data):
    """Whatever is done to an example: a part of it taken out, or replaced by something else."""
    channel = data.draw(st.sampled_from(sorted(DESCRIPTION.channels)))
    payload = copy.deepcopy(data.draw(st.sampled_from(DESCRIPTION.message(channel)["examples"]))["payload"])
    whole = {"payload": payload}
    place, key = whole, "payload"
    while isinstance(place[key], (dict, list)) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    if place is not whole and data.draw(st.booleans()):
        del place[key]
    else:
        place[key] = data.draw(_ANYTHING)
    own, embedded = DESCRIPTION.is_valid(channel, whole["payload"])
    assert own == embedded


@pytest.mark.parametrize("words", [["--asyncapi"], ["--asyncapi", "--json"]])
def test_the_command_prints_the_document(words):
    done = subprocess.run(
        [sys.executable, "-m", "edge.cli", "schema", *words], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    if "--json" in words:
        assert json.loads(done.stdout) == DESCRIPTION.document
    else:
        assert done.stdout == PATH.read_text(encoding="utf-8")
