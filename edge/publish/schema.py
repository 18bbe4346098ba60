"""The published JSON Schemas, one file per topic, beside this module."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from edge.publish import catalogue

TOPICS = tuple(topic.name for topic in catalogue.TOPICS)


def load_schema(topic: str = "emotion") -> dict[str, Any]:
    """The JSON Schema (2020-12) of a topic's payload; raises UsageError for a topic without one.

    A payload of plain text (`online`, `ON`) has a schema of type string with `contentMediaType` text/plain: what is
    validated is the text itself. `topic` is anything that `find_topic` understands.
    """
    name = catalogue.find_topic(topic).name.replace("/", "_") + ".schema.json"
    text = resources.files("edge.publish").joinpath(name).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def content_type(schema: dict[str, Any]) -> str:
    """The media type of the payload that a schema describes."""
    return str(schema.get("contentMediaType", "application/json"))
