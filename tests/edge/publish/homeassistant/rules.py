"""Home Assistant's published rules for a device discovery message, closed: a key that is not known there is a fault.

After https://www.home-assistant.io/integrations/mqtt/ and the pages of its sensor, binary sensor, switch and event
platforms. Home Assistant itself drops what it does not know without a word.
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string", "minLength": 1}
TOPIC = {"type": "string", "pattern": r"^[^~+#\s][^+#\s]*$"}  # in full: `~` is not handed down to components
TEMPLATE = {"type": "string", "pattern": r"\{\{.*\}\}"}
COUNT = {"type": "integer", "minimum": 0}
UNITS = {
    "duration": ["d", "h", "min", "s", "ms", "μs"],
    "data_size": ["B", "kB", "MB", "GB", "KiB", "MiB", "GiB"],
    "temperature": ["°C", "°F", "K"],
}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


SHARED = {
    "availability_topic": TOPIC,
    "availability_template": TEMPLATE,
    "payload_available": TEXT,
    "payload_not_available": TEXT,
    "qos": {"enum": [0, 1, 2]},
}
ENTITY = {
    "unique_id": TEXT,
    "default_entity_id": {"type": "string", "pattern": r"^[a-z_]+\.[a-z0-9_]+$"},
    "name": TEXT,
    "icon": {"type": "string", "pattern": r"^mdi:[a-z0-9-]+$"},
    "enabled_by_default": {"type": "boolean"},
    "json_attributes_topic": TOPIC,
    "json_attributes_template": TEMPLATE,
}
READ = {"state_topic": TOPIC, "value_template": TEMPLATE, "entity_category": {"const": "diagnostic"}}
NEEDED = ["platform", "unique_id", "default_entity_id", "name", "state_topic"]
SENSOR = {
    **closed(
        NEEDED,
        platform={"const": "sensor"},
        device_class={"enum": ["enum", *UNITS]},
        options={"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True},
        state_class={"enum": ["measurement", "total", "total_increasing"]},
        unit_of_measurement=TEXT,
        suggested_display_precision=COUNT,
        **ENTITY,
        **READ,
    ),
    "allOf": [
        {
            "if": {"required": ["options"]},
            "then": {
                "properties": {"device_class": {"const": "enum"}, "state_class": False, "unit_of_measurement": False},
                "required": ["device_class"],
            },
            "else": {"properties": {"device_class": {"not": {"const": "enum"}}}},
        },
        *(
            {
                "if": {"properties": {"device_class": {"const": kind}}, "required": ["device_class"]},
                "then": {"properties": {"unit_of_measurement": {"enum": units}}, "required": ["unit_of_measurement"]},
            }
            for kind, units in UNITS.items()
        ),
    ],
}
BINARY_SENSOR = closed(
    NEEDED,
    platform={"const": "binary_sensor"},
    device_class={"enum": ["connectivity", "occupancy", "problem", "sound"]},
    payload_on=TEXT,
    payload_off=TEXT,
    **ENTITY,
    **READ,
)
SWITCH = closed(
    [*NEEDED, "command_topic"],
    platform={"const": "switch"},
    device_class={"enum": ["switch", "outlet"]},
    entity_category={"enum": ["config", "diagnostic"]},
    command_topic=TOPIC,
    state_topic=TOPIC,
    payload_on=TEXT,
    payload_off=TEXT,
    state_on=TEXT,
    state_off=TEXT,
    retain={"const": False},  # the device ignores a command that is retained
    **ENTITY,
)
EVENT = closed(
    [*NEEDED, "event_types"],
    platform={"const": "event"},
    event_types={"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True},
    **ENTITY,
    **READ,
)
REMOVED = closed(["platform"], platform={"enum": ["sensor", "binary_sensor", "switch", "event"]})
MESSAGE = closed(
    ["device", "origin", "components"],
    device=closed(
        ["identifiers", "name"],
        identifiers={"type": "array", "items": TEXT, "minItems": 1},
        name=TEXT,
        manufacturer=TEXT,
        model=TEXT,
        model_id=TEXT,
        sw_version=TEXT,
        hw_version=TEXT,
        configuration_url={"type": "string", "pattern": "^https?://"},
    ),
    origin=closed(["name"], name=TEXT, sw_version=TEXT, support_url={"type": "string", "pattern": "^https?://"}),
    components={
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[a-zA-Z0-9_-]+$"},
        "additionalProperties": {"oneOf": [SENSOR, BINARY_SENSOR, SWITCH, EVENT, REMOVED]},
    },
    **SHARED,
)
