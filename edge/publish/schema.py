"""The published JSON Schemas, one file per topic, beside this module."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

from edge.errors import UsageError

TOPICS = ("emotion", "state", "event", "stats", "status/detail")
_STREAM_DETAIL = re.compile("status/(video|audio|engine)/detail")


def load_schema(topic: str = "emotion") -> dict[str, Any]:
    """The JSON Schema (2020-12) of a topic's payload; raises UsageError for a topic without one.

    `topic` is one of TOPICS, or status/<stream>/detail of one stream.
    """
    if _STREAM_DETAIL.fullmatch(topic):
        topic = "status/detail"
    if topic not in TOPICS:
        raise UsageError(f"There is no schema for topic {topic!r}; choose one of {', '.join(TOPICS)}.")
    name = topic.replace("/", "_") + ".schema.json"
    text = resources.files("edge.publish").joinpath(name).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
