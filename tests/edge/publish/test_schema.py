from __future__ import annotations

from importlib import resources

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from edge.errors import UsageError
from edge.publish.catalogue import TOPICS, find_topic
from edge.publish.schema import content_type, load_schema

NAMES = [topic.name for topic in TOPICS]
TEXT = {"available", "status", "enabled/state", "enabled/set", "homeassistant/status"}


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one_and_its_examples_keep_to_it(name):
    schema = load_schema(name)
    Draft202012Validator.check_schema(schema)
    valid = Draft202012Validator(schema, format_checker=FormatChecker())
    assert schema["examples"]
    for example in schema["examples"]:
        valid.validate(example)


def test_every_file_is_a_topics_and_every_id_is_its_name():
    files = {path.name for path in resources.files("edge.publish").iterdir() if path.name.endswith(".schema.json")}
    assert files == {name.replace("/", "_") + ".schema.json" for name in NAMES}
    assert [load_schema(name)["$id"] for name in NAMES] == [f"urn:edge-emotion:schema:1:{name}" for name in NAMES]
    assert {name for name in NAMES if content_type(load_schema(name)) == "text/plain"} == TEXT


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_readers_of_draft_07_would_take_otherwise(name):
    """AsyncAPI embeds the schemas as draft-07: there $ref hides what stands beside it, and newer words mean nothing."""
    newer = {"prefixItems", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems"}
    newer |= {"minContains", "maxContains", "$anchor", "$dynamicRef", "$dynamicAnchor"}

    def look(value, *, named: bool) -> None:
        if isinstance(value, list):
            for item in value:
                look(item, named=False)
        elif isinstance(value, dict):
            assert named or not newer & set(value)
            assert named or "$ref" not in value or len(value) == 1
            for key, item in value.items():
                look(item, named=not named and key in {"properties", "$defs"})

    schema = load_schema(name)
    look({key: item for key, item in schema.items() if key != "examples"}, named=False)
    Draft7Validator.check_schema({key: item for key, item in schema.items() if key != "$schema"})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("state", "state"),
        ("/state/", "state"),
        ("…/state", "state"),
        (".../status/video", "status"),
        ("edge-emotion/desk/state", "state"),
        ("edge-emotion/+/emotion", "emotion"),
        ("edge-emotion/desk/status/audio", "status"),
        ("status/<x>", "status"),
        ("status/+/detail", "status/detail"),
        ("status/detail", "status/detail"),
        ("edge-emotion/état/status/engine/detail", "status/detail"),
        ("edge-emotion/desk/enabled/set", "enabled/set"),
        ("homeassistant/device/desk/config", "homeassistant/device/config"),
        ("homeassistant/status", "homeassistant/status"),
    ],
)
def test_a_topic_is_understood_in_every_way_it_is_written(text, name):
    assert find_topic(text).name == name
    assert load_schema(text)["$id"].endswith(f":{name}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("emotoin", "did you mean emotion?"),
        ("edge-emotion/desk/stat", "did you mean stat"),
        ("status/vidoe", "did you mean status/video?"),
        ("status/lamp/detail", "did you mean status/"),
        ("enabled", "did you mean enabled/"),
        ("weather", "choose one of available, emotion, state, event, stats"),
        ("", "choose one of"),
        ("edge-emotion/desk", "choose one of"),
    ],
)
def test_a_topic_that_is_none_gets_the_nearest_or_all(text, says):
    with pytest.raises(UsageError, match="There is no topic") as told:
        find_topic(text)
    assert says in str(told.value)
    assert repr(text) in str(told.value)
