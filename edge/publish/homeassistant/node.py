"""What a device is called in Home Assistant's topics and ids."""

from __future__ import annotations

import hashlib
import re

from edge.publish.mqtt.topics import BASE

_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9_-]")
_LIKE_A_DIGEST = re.compile(r"-[0-9a-f]{8}$")


def node_id(device_id: str) -> str:
    """The device id in the letters that discovery topics may have, [a-zA-Z0-9_-], with the product's name in front.

    Another product may have a device of the same name. Ids that only differ in other letters get a digest of the
    whole id at the end, and so do ids that end as if they had one: no two device ids share a node.
    """
    plain = _NOT_ALLOWED.sub("_", device_id)
    if plain != device_id or _LIKE_A_DIGEST.search(device_id):
        plain = f"{plain}-{hashlib.sha256(device_id.encode()).hexdigest()[:8]}"
    return f"{BASE}-{plain}"


def entity_slug(device_id: str) -> str:
    """The device id in the letters of entity ids, [a-z0-9_]; not unique: Home Assistant numbers entity ids itself."""
    return re.sub(r"[^a-z0-9]+", "_", device_id.lower()).strip("_") or "edge"
