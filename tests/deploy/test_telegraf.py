"""The Telegraf files name what is really published, in words that Telegraf knows; Telegraf itself is not run here."""

from __future__ import annotations

import json
from typing import Any

import pytest
import tomlkit

from edge.publish.mqtt.topics import Topics
from edge.publish.schema import load_schema
from tests.deploy.sites import FLEET
from tests.fleet.scene import stats_example
from tests.fleet.script import script

# Telegraf refuses words that it does not know: those of its documentation that are used here.
CONSUMER = {
    *("servers", "tls_ca", "topics", "qos", "client_id", "persistent_session", "username", "password", "topic_tag"),
    *("data_format", "topic_parsing", "json_v2"),
}
PARSER = {"measurement_name", "timestamp_path", "timestamp_format", "tag", "field"}
TYPES = {"float": {"number", "integer"}, "int": {"integer"}, "bool": {"boolean"}, "string": {"string", "enum"}}
OUTPUTS = {
    "influxdb": ("influxdb_v2", {"urls", "token", "organization", "bucket"}),
    "kafka": ("kafka", {"brokers", "topic", "routing_tag", "required_acks", "data_format"}),
}


def load(name: str) -> dict[str, Any]:
    return tomlkit.parse((FLEET / f"{name}.conf").read_text(encoding="utf-8")).unwrap()


INPUTS = {each["topics"][0].rpartition("/")[2]: each for each in load("telegraf")["inputs"]["mqtt_consumer"]}


def step(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a `$ref`."""
    found = schema
    while "$ref" in found:
        found = root
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
    return found


def parts(schema: dict[str, Any], root: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Everything that a schema says about its member `name`: also in branches that hold sometimes only."""
    schema = step(schema, root)
    if name == "#":
        return [{"type": "integer"}] if "items" in schema else []
    if name.isdecimal():
        return [step(schema["items"], root)] if "items" in schema else []
    found = [step(schema["properties"][name], root)] if name in schema.get("properties", {}) else []
    branches = [*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    branches += [schema[word] for word in ("then", "else") if word in schema]
    return found + [one for branch in branches for one in parts(branch, root, name)]


def kinds(topic: str, path: str) -> set[str]:
    """The JSON types (but null) that the published schema of `topic` allows at a GJSON `path`."""
    root = load_schema(topic)
    found = [root]
    for name in path.split("."):
        found = [one for schema in found for one in parts(schema, root, name)]
    told = {
        kind for one in found for kind in ([one["type"]] if isinstance(one.get("type"), str) else one.get("type", []))
    }
    return (told | ({"enum"} if any("enum" in one for one in found) else set())) - {"null"}


def value(message: Any, path: str) -> Any:
    """What GJSON finds at `path`; KeyError or IndexError where there is nothing."""
    for name in path.split("."):
        message = len(message) if name == "#" else message[int(name) if name.isdecimal() else name]
    return message


def said() -> dict[str, list[Any]]:
    """What devices say, by topic."""
    moments = script(0, rate_hz=5.0)
    return {
        "emotion": [json.loads(one.result) for one in moments],
        "state": [json.loads(one.state) for one in moments if one.state],
        "event": [json.loads(event) for one in moments for event in one.events],
        "stats": [stats_example()],
    }


@pytest.mark.parametrize("topic", ["state", "event", "stats", "emotion"])
def test_an_input_is_in_words_that_telegraf_knows(topic):
    consumer = INPUTS[topic]
    (parser,) = consumer["json_v2"]
    assert consumer.keys() <= CONSUMER
    assert parser.keys() <= PARSER
    assert parser["measurement_name"] == topic
    assert all(one.keys() <= {"path", "rename", "type", "optional"} for one in parser["field"])
    assert all(one.keys() <= {"path", "rename", "optional"} for one in parser.get("tag", ()))
    names = [one.get("rename", one["path"].rpartition(".")[2]) for one in parser["field"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("topic", ["state", "event", "stats", "emotion"])
def test_an_input_reads_the_topic_that_is_published_and_takes_the_device_from_it(topic):
    consumer = INPUTS[topic]
    (parsing,) = consumer["topic_parsing"]
    real = getattr(Topics("desk"), topic).split("/")
    pattern = parsing["topic"].split("/")
    assert consumer["topics"] == [parsing["topic"]]
    assert [a if b != "+" else "+" for a, b in zip(real, pattern, strict=True)] == pattern
    assert parsing["tags"].split("/") == ["device" if level == "desk" else "_" for level in real]


@pytest.mark.parametrize("topic", ["state", "event", "stats", "emotion"])
def test_every_path_is_in_the_published_schema_and_of_its_type(topic):
    (parser,) = INPUTS[topic]["json_v2"]
    for one in parser["field"]:
        assert kinds(topic, one["path"]) & TYPES[one["type"]], one["path"]
    for one in parser.get("tag", ()):
        assert kinds(topic, one["path"]) & TYPES["string"], one["path"]
    if "timestamp_path" in parser:
        assert "string" in kinds(topic, parser["timestamp_path"])
    assert not kinds(topic, "no_such_field")


@pytest.mark.parametrize("topic", ["state", "event", "stats", "emotion"])
def test_every_path_that_is_not_optional_is_in_every_message(topic):
    (parser,) = INPUTS[topic]["json_v2"]
    for one in [*parser["field"], *parser.get("tag", ())]:
        found = []
        for message in said()[topic]:
            try:
                found.append(value(message, one["path"]))
            except (KeyError, IndexError):
                assert one.get("optional"), one["path"]
        assert found, one["path"]
        assert not any(isinstance(item, (dict, list)) for item in found)


def test_sessions_that_wait_have_a_name_of_their_own_and_quality_of_service():
    names = [consumer["client_id"] for consumer in INPUTS.values()]
    assert len(set(names)) == len(names)
    assert all(consumer["qos"] == 1 for consumer in INPUTS.values() if consumer.get("persistent_session"))


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_is_in_words_that_telegraf_knows(name):
    plugin, words = OUTPUTS[name]
    (output,) = load(f"telegraf-{name}")["outputs"][plugin]
    assert output.keys() <= words


def test_no_password_stands_in_a_file():
    text = "".join(path.read_text(encoding="utf-8") for path in FLEET.glob("telegraf*.conf"))
    secrets = [line for line in text.splitlines() if line.strip().startswith(("password", "token"))]
    assert secrets
    assert all("${" in line for line in secrets)
