"""The AsyncAPI 3.0 document of the device's MQTT: made from the catalogue of topics and their schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from edge import __version__
from edge.publish.asyncapi.servers import BINDING, security_schemes, server_bindings, servers
from edge.publish.catalogue import STREAM, TOPICS, Topic
from edge.publish.mqtt.topics import STATUS_NAMES
from edge.publish.schema import content_type, load_schema

_DESCRIPTION = (
    "What a device says and hears over MQTT, from the device's own view: it sends what others subscribe to. "
    "Every field of a JSON payload is always there, null when unknown; later versions only add fields, so ignore what "
    "you do not know. A payload of type text/plain is the bare word: no JSON, no quotation marks. Message expiry needs "
    "MQTT 5; the device speaks 3.1.1 where a broker does not take 5."
)
_ECHO = "The device's own message, as a sign that the connection lives; a device that may not read it goes on without."
_PARAMETERS = {
    "deviceId": {
        "description": "The device's name, one level of the topic; by default the host's.",
        "examples": ["desk"],
    },
    STREAM: {"description": "What the status is about.", "enum": list(STATUS_NAMES)},
    "nodeId": {"description": "The device's name in the letters that Home Assistant allows.", "examples": ["desk"]},
}


def asyncapi_document() -> dict[str, Any]:
    """The document in JSON types. Payload schemas are embedded as draft-07, which AsyncAPI's own format builds on."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "edge-emotion",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": servers(),
        "channels": {_key(topic): _channel(topic) for topic in TOPICS},
        "operations": {action + _capital(_key(topic)): _operation(topic, action) for topic, action in _actions()},
        "components": {
            "messages": {_key(topic): _message(topic) for topic in TOPICS},
            "schemas": {_key(topic): _embedded(topic) for topic in TOPICS},
            "parameters": _PARAMETERS,
            "securitySchemes": security_schemes(),
            "serverBindings": server_bindings(),
        },
    }


def _key(topic: Topic) -> str:
    """statusDetail for status/detail."""
    first, *others = topic.name.split("/")
    return first + "".join(map(_capital, others))


def _capital(word: str) -> str:
    return word[0].upper() + word[1:]


def _channel(topic: Topic) -> dict[str, Any]:
    channel: dict[str, Any] = {"address": topic.address, "summary": _capital(topic.summary) + "."}
    channel["messages"] = {_key(topic): {"$ref": f"#/components/messages/{_key(topic)}"}}
    if topic.parameters:
        channel["parameters"] = {name: {"$ref": f"#/components/parameters/{name}"} for name in topic.parameters}
    return channel


def _actions() -> Iterator[tuple[Topic, str]]:
    for topic in TOPICS:
        yield topic, topic.direction
        if topic.echoed:
            yield topic, "receive"


def _operation(topic: Topic, action: str) -> dict[str, Any]:
    binding: dict[str, Any] = {"qos": topic.qos}
    if action == "send":
        binding["retain"] = topic.retain
    if topic.expiry_s is not None:
        binding["messageExpiryInterval"] = topic.expiry_s
    return {
        "action": action,
        "summary": _capital(topic.summary) + "." if action == topic.direction else _ECHO,
        "channel": {"$ref": f"#/channels/{_key(topic)}"},
        "messages": [{"$ref": f"#/channels/{_key(topic)}/messages/{_key(topic)}"}],
        "bindings": {"mqtt": {**binding, "bindingVersion": BINDING}},
    }


def _message(topic: Topic) -> dict[str, Any]:
    schema = load_schema(topic.name)
    return {
        "name": _key(topic),
        "title": topic.name,
        "summary": schema["description"],
        "contentType": content_type(schema),
        "payload": {"$ref": f"#/components/schemas/{_key(topic)}"},
        "examples": [{"payload": example} for example in schema.get("examples", ())],
    }


def _embedded(topic: Topic) -> dict[str, Any]:
    """A schema of 2020-12 that uses nothing newer than draft-07 but `$defs`, at its place in the document."""
    schema = load_schema(topic.name)
    moved = {"$schema", "$id", "$defs", "examples"}
    embedded: dict[str, Any] = {key: value for key, value in schema.items() if key not in moved}
    if "$defs" in schema:
        embedded["definitions"] = schema["$defs"]
    embedded["x-json-schema-id"] = schema["$id"]
    return dict(_relocated(embedded, f"#/components/schemas/{_key(topic)}/definitions/"))


def _relocated(value: Any, place: str) -> Any:
    if isinstance(value, list):
        return [_relocated(item, place) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: re.sub("^#/[$]defs/", place, item) if key == "$ref" else _relocated(item, place)
        for key, item in value.items()
    }
