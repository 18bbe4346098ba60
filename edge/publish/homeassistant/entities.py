"""The entities of a device in Home Assistant: what each one reads, and how it is shown.

Everything that lasts is read from retained topics, so that it is true at once when Home Assistant starts.
"""

from __future__ import annotations

from typing import Any

from edge.publish.homeassistant.diagnostics import diagnostics
from edge.publish.mqtt.topics import Topics
from edge.samples import EMOTIONS

UNCERTAIN = "uncertain"
Components = dict[str, dict[str, Any]]
NEEDED: dict[str, frozenset[str]] = {
    "video": frozenset({"camera", "camera_status", "camera_fps", "process_fps", "skipped_fps", "audio_lag", "drift"}),
    "audio": frozenset(
        {"microphone", "microphone_status", "voice_emotion", "speaking", "audio_level", "audio_lag", "drift"}
    ),
}
"""Which entities have nothing to say without a stream."""

_PERCENT = {"unit_of_measurement": "%", "state_class": "measurement", "suggested_display_precision": 0}
_ICONS = {
    "neutral": "mdi:emoticon-neutral-outline",
    "happy": "mdi:emoticon-happy-outline",
    "sad": "mdi:emoticon-sad-outline",
    "angry": "mdi:emoticon-angry-outline",
    "fearful": "mdi:emoticon-frown-outline",
    "disgust": "mdi:emoticon-sick-outline",
    "surprised": "mdi:emoticon-excited-outline",
}
_EVENTS = ("face_in", "face_out", "change", "utterance_end")


def components(topics: Topics) -> Components:
    """All entities of the device by component id, without `unique_id` and `default_entity_id`."""
    return {
        **_emotion(topics),
        **_probabilities(topics),
        **_circumstances(topics),
        **diagnostics(topics),
    }


def _emotion(topics: Topics) -> Components:
    """A label that is in doubt is shown as `uncertain`, with the label among the attributes."""
    attributes = "{'label': value_json.emotion, 'uncertain': value_json.uncertain, 'source': value_json.source}"
    return {
        "emotion": {
            "platform": "sensor",
            "name": "Emotion",
            "icon": "mdi:emoticon-outline",
            "device_class": "enum",
            "options": [*EMOTIONS, UNCERTAIN],
            "state_topic": topics.state,
            "value_template": f"{{{{ '{UNCERTAIN}' if value_json.uncertain else value_json.emotion }}}}",
            "json_attributes_topic": topics.state,
            "json_attributes_template": f"{{{{ {attributes} | tojson }}}}",
        },
        "confidence": {
            "platform": "sensor",
            "name": "Confidence",
            "icon": "mdi:gauge",
            "state_topic": topics.state,
            "value_template": _percent("value_json.confidence"),
            **_PERCENT,
        },
        "valence": _affect(topics, "Valence", "mdi:emoticon-confused-outline"),
        "arousal": {**_affect(topics, "Arousal", "mdi:heart-pulse"), "enabled_by_default": False},
    }


def _probabilities(topics: Topics) -> Components:
    """In whole per cents: Home Assistant's recorder keeps changes, and a thousandth is none."""
    return {
        f"probability_{label}": {
            "platform": "sensor",
            "name": f"Probability {label}",
            "icon": _ICONS[label],
            "state_topic": topics.state,
            "value_template": _percent(f"value_json.probabilities.{label}"),
            **_PERCENT,
        }
        for label in EMOTIONS
    }


def _circumstances(topics: Topics) -> Components:
    return {
        "voice_emotion": {
            "platform": "sensor",
            "name": "Voice emotion",
            "icon": "mdi:account-voice",
            "device_class": "enum",
            "options": list(EMOTIONS),
            "state_topic": topics.state,
            "value_template": "{{ value_json.voice_emotion }}",
        },
        "speaking": {
            "platform": "binary_sensor",
            "name": "Speaking",
            "icon": "mdi:account-voice",
            "state_topic": topics.state,
            "value_template": "{{ {true: 'ON', false: 'OFF'}.get(value_json.speaking) }}",
        },
        "activity": {
            "platform": "event",
            "name": "Activity",
            "icon": "mdi:account-eye",
            "event_types": list(_EVENTS),
            "state_topic": topics.event,
            "value_template": "{{ dict(value_json, event_type=value_json.type) | tojson }}",
        },
        "recognition": {
            "platform": "switch",
            "name": "Recognition",
            "icon": "mdi:eye",
            "command_topic": topics.enabled_set,
            "state_topic": topics.enabled_state,
            "payload_on": "ON",
            "payload_off": "OFF",
            "retain": False,
        },
    }


def _affect(topics: Topics, name: str, icon: str) -> dict[str, Any]:
    """−1 to 1, in steps that are worth keeping."""
    field = f"value_json.{name.lower()}"
    return {
        "platform": "sensor",
        "name": name,
        "icon": icon,
        "state_class": "measurement",
        "suggested_display_precision": 2,
        "state_topic": topics.state,
        "value_template": f"{{{{ {field} if {field} is none else {field} | round(2) }}}}",
    }


def _percent(field: str) -> str:
    """Null stays None, which is Home Assistant's way to say unknown."""
    return f"{{{{ {field} if {field} is none else (100 * {field}) | round(0) | int }}}}"
