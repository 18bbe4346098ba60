"""Home Assistant's own validators on our message."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edge.publish.homeassistant.discovery import discovery_message
from edge.publish.schema import load_schema
from edge.publish.state import blank_state
from tests.edge.publish.records import IDENTITY
from tests.homeassistant.home import judge

pytestmark = pytest.mark.timeout(400)  # the environment may have to be made first

STATE, STATS = load_schema("state")["examples"][0], load_schema("stats")["examples"][0]
NOBODY = blank_state(IDENTITY, 1)
SHOWN = [
    ("emotion", STATE, "happy"),
    ("emotion", {**STATE, "uncertain": True}, "uncertain"),
    ("emotion", NOBODY, "None"),
    ("confidence", {**STATE, "confidence": 0.005}, "0"),
    ("confidence", {**STATE, "confidence": 1}, "100"),
    ("confidence", NOBODY, "None"),
    ("valence", {**STATE, "valence": -0.126}, "-0.13"),
    ("arousal", NOBODY, "None"),
    ("probability_sad", {**STATE, "probabilities": {"sad": 0.289}}, "29"),
    ("probability_sad", NOBODY, "None"),
    ("speaking", {**STATE, "speaking": False}, "OFF"),
    ("speaking", {**STATE, "speaking": True}, "ON"),
    ("speaking", NOBODY, "None"),
    ("voice_emotion", NOBODY, "None"),
    ("latency_p95", STATS, str(STATS["latency_ms"]["p95"])),
    ("latency_p95", {**STATS, "latency_ms": {"p95": None}}, "None"),
    ("audio_lag", {**STATS, "audio_lag_ms": -12.5}, "-12.5"),
    ("lost_events", {**STATS, "queue_drops": {"event": 3}}, "3"),
    ("camera", "degraded", "ON"),
    ("camera", "disabled", "None"),
]


def broken() -> dict[str, Any]:
    message = discovery_message("desk")
    message["components"]["emotion"]["state_class"] = "measurement"
    message["components"]["confidence"]["expires"] = 5
    message["components"]["memory"]["unit_of_measurement"] = "mb"
    message["components"]["recognition"]["command_topic"] = "a/#"
    return message


def without_origin() -> dict[str, Any]:
    message = discovery_message("desk")
    del message["origin"]
    return message


@pytest.fixture(scope="module")
def verdict(python):
    fine = [discovery_message("desk"), discovery_message("Küche.2", ["video"]), discovery_message("x" * 64, ["audio"])]
    payloads = [(key, sent if isinstance(sent, str) else json.dumps(sent)) for key, sent, _ in SHOWN]
    return judge(python, [*fine, broken(), without_origin()], payloads)


def test_it_accepts_the_message_and_drops_no_part_of_it(verdict):
    assert verdict["faults"][:3] == [[], [], []]


def test_it_finds_what_is_wrong(verdict):
    """Else the test above would prove nothing."""
    faults = verdict["faults"][3]
    assert sorted(fault.split(":")[0] for fault in faults) == ["confidence", "emotion", "memory", "recognition"]
    assert "confidence: expires is dropped" in faults
    assert "origin" in verdict["faults"][4][0]


def test_its_templates_read_our_messages(verdict):
    wanted = [(key, shown) for key, _, shown in SHOWN]
    assert list(zip([key for key, _ in wanted], verdict["rendered"], strict=True)) == wanted
