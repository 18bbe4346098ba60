"""The one retained message that makes a device appear in Home Assistant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from edge import __version__
from edge.publish.homeassistant.entities import NEEDED, components
from edge.publish.homeassistant.node import entity_slug, node_id
from edge.publish.mqtt.topics import Topics
from edge.publish.payload import encode

PREFIX = "homeassistant"
PRODUCT = "edge-emotion"


@dataclass(frozen=True)
class Announcement:
    """What is retained where, and the topics on which Home Assistant says that it has started."""

    topic: str
    payload: str
    birth_topics: tuple[str, ...]


def announcement(device_id: str, prefix: str = PREFIX, absent: Collection[str] = ()) -> Announcement:
    """The announcement of this device; `absent` as in `discovery_message`.

    Home Assistant's birth topic does not move with its discovery prefix.
    """
    birth_topics = tuple(dict.fromkeys((f"{prefix}/status", f"{PREFIX}/status")))
    payload = encode(discovery_message(device_id, absent))
    return Announcement(discovery_topic(device_id, prefix), payload, birth_topics)


def discovery_topic(device_id: str, prefix: str = PREFIX) -> str:
    """`<prefix>/device/<node>/config`."""
    return f"{prefix}/device/{node_id(device_id)}/config"


def discovery_message(device_id: str, absent: Collection[str] = ()) -> dict[str, Any]:
    """The payload: `device`, `origin`, `components`, and what all components inherit. Topics in full.

    `absent`: streams (`video`, `audio`) that this device does not have. Their entities are taken out, for it may have
    had them once: a component of nothing but `platform` does that.
    """
    topics, node, slug = Topics(device_id), node_id(device_id), entity_slug(device_id)
    removed = frozenset().union(*(NEEDED[stream] for stream in absent))
    return {
        "device": {
            "identifiers": [node],
            "name": device_id,
            "manufacturer": PRODUCT,
            "model": "Emotion recognition by camera and microphone",
            "sw_version": __version__,
        },
        "origin": {"name": PRODUCT, "sw_version": __version__},
        "availability_topic": topics.available,
        "availability_template": "{{ 'online' if value == 'online' else 'offline' }}",
        "payload_available": "online",
        "payload_not_available": "offline",
        "qos": 1,
        "components": {
            key: {"platform": component["platform"]}
            if key in removed
            else {
                **component,
                "unique_id": f"{node}_{key}",
                "default_entity_id": f"{component['platform']}.{slug}_{key}",
            }
            for key, component in components(topics).items()
        },
    }
