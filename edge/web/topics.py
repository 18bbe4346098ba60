"""What is read of one device: every topic that it publishes for others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.publish.catalogue import DEVICE, STREAM, TOPICS
from edge.publish.mqtt.topics import STATUS_NAMES, Topics
from edge.publish.schema import content_type, load_schema


@dataclass(frozen=True)
class Source:
    """One topic. `name` is what stands below the device's base; `text` is plain text, else it is JSON."""

    topic: str
    name: str
    text: bool
    kept: bool


def sources_of(device_id: str) -> list[Source]:
    """The topics of this device, in the catalogue's order."""
    base = Topics(device_id).base
    sources: list[Source] = []
    for topic in TOPICS:
        if topic.direction == "send" and topic.address.startswith(DEVICE):
            text = content_type(load_schema(topic.name)) == "text/plain"
            names = _names(topic.address.removeprefix(DEVICE))
            sources.extend(Source(f"{base}/{name}", name, text, topic.retain) for name in names)
    return sources


def _names(below: str) -> Iterator[str]:
    parameter = f"{{{STREAM}}}"
    if parameter not in below:
        yield below
        return
    for stream in STATUS_NAMES:
        yield below.replace(parameter, stream)
