"""The diagnostic entities: whether the devices are there, and the figures of `…/stats`."""

from __future__ import annotations

from typing import Any

from edge.publish.mqtt.topics import STATUS_STATES, Topics

_STREAMS = {"video": ("camera", "mdi:camera"), "audio": ("microphone", "mdi:microphone")}
_MS = {"unit_of_measurement": "ms", "device_class": "duration", "state_class": "measurement"}
_FPS = {"unit_of_measurement": "fps", "state_class": "measurement", "icon": "mdi:filmstrip"}
_COUNT = {"state_class": "total_increasing", "icon": "mdi:counter"}
_THIS_HOUR = {"state_class": "measurement", "icon": "mdi:connection"}
_RARE = {"enabled_by_default": False}
_QUALITIES = ("excellent", "fair", "poor", "unusable")
_PACES = ("full", "half", "slow")

# component id: name, the field of the message, digits shown, everything else
_FIGURES: dict[str, tuple[str, str, int, dict[str, Any]]] = {
    "audio_lag": ("Audio lag", "audio_lag_ms", 0, {**_MS, "icon": "mdi:timer-sync-outline"}),
    "latency_p50": ("Latency (median)", "latency_ms.p50", 0, {**_MS, **_RARE}),
    "latency_p95": ("Latency (95th percentile)", "latency_ms.p95", 0, _MS),
    "inference_speed": ("Inference time", "inference_speed", 1, {**_MS, **_RARE}),
    "camera_fps": ("Camera frame rate", "camera_fps", 1, _FPS),
    "process_fps": ("Processed frame rate", "process_fps", 1, _FPS),
    "skipped_fps": ("Skipped frame rate", "skipped_fps", 1, {**_FPS, **_RARE}),
    "reconnects_last_hour": ("Reconnects in the last hour", "reconnects_last_hour", 0, _THIS_HOUR),
    "stalls_last_hour": ("Stalls in the last hour", "stalls_last_hour", 0, _THIS_HOUR),
    "deadline_misses": ("Missed deadlines", "deadline_misses", 0, {**_COUNT, **_RARE}),
    "broker_connects": ("Connections to the broker", "mqtt.connects", 0, {**_COUNT, **_RARE}),
    "lost_events": ("Lost events", "queue_drops.event", 0, {**_COUNT, **_RARE}),
    "audio_level": (
        "Sound level",
        "audio_dBFS",
        0,
        {"unit_of_measurement": "dBFS", "state_class": "measurement", "icon": "mdi:volume-high", **_RARE},
    ),
    "drift": (
        "Drift of the sound",
        "drift_ppm",
        1,
        {"unit_of_measurement": "ppm", "state_class": "measurement", "icon": "mdi:timer-alert-outline", **_RARE},
    ),
    "cpu": (
        "Processor use",
        "cpu_percent",
        0,
        {"unit_of_measurement": "%", "state_class": "measurement", "icon": "mdi:cpu-64-bit"},
    ),
    "memory": (
        "Memory use",
        "rss_mb",
        0,
        {"unit_of_measurement": "MiB", "device_class": "data_size", "state_class": "measurement"},
    ),
    "temperature": (
        "Temperature",
        "temperature_c",
        0,
        {"unit_of_measurement": "°C", "device_class": "temperature", "state_class": "measurement"},
    ),
    "uptime": (
        "Uptime",
        "uptime_s",
        0,
        {"unit_of_measurement": "s", "device_class": "duration", **_RARE},
    ),
}


def diagnostics(topics: Topics) -> dict[str, dict[str, Any]]:
    """Diagnostic entities by component id."""
    found = {key: _figure(topics, *figure) for key, figure in _FIGURES.items()}
    found["connection_quality"] = {
        **_enum(topics.stats, "Connection quality", "mdi:signal", _QUALITIES),
        "value_template": "{{ value_json.connection_quality }}",
    }
    found["pace"] = {
        **_enum(topics.stats, "Pace", "mdi:speedometer", _PACES),
        "value_template": "{{ value_json.pace.level }}",
        "json_attributes_topic": topics.stats,
        "json_attributes_template": "{{ value_json.pace | tojson }}",
        **_RARE,
    }
    for stream, (name, icon) in _STREAMS.items():
        found[name] = _connectivity(topics.status(stream), name.capitalize(), icon)
        found[f"{name}_status"] = _status(topics, stream, f"{name.capitalize()} status", icon)
    found["engine_status"] = _status(topics, "engine", "Engine status", "mdi:engine-outline")
    return {key: {**component, "entity_category": "diagnostic"} for key, component in found.items()}


def _figure(topics: Topics, name: str, field: str, digits: int, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "platform": "sensor",
        "name": name,
        "state_topic": topics.stats,
        "value_template": f"{{{{ value_json.{field} }}}}",
        "suggested_display_precision": digits,
        **more,
    }


def _enum(topic: str, name: str, icon: str, options: tuple[str, ...]) -> dict[str, Any]:
    return {
        "platform": "sensor",
        "name": name,
        "icon": icon,
        "device_class": "enum",
        "options": list(options),
        "state_topic": topic,
    }


def _connectivity(topic: str, name: str, icon: str) -> dict[str, Any]:
    """A degraded device still delivers; one that is switched off is neither connected nor lost."""
    meaning = "{'online': 'ON', 'degraded': 'ON', 'offline': 'OFF'}"
    return {
        "platform": "binary_sensor",
        "name": name,
        "icon": icon,
        "device_class": "connectivity",
        "state_topic": topic,
        "value_template": f"{{{{ {meaning}.get(value) }}}}",
    }


def _status(topics: Topics, name: str, title: str, icon: str) -> dict[str, Any]:
    return {
        **_enum(topics.status(name), title, icon, STATUS_STATES),
        "json_attributes_topic": topics.status_detail(name),
    }
