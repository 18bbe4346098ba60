"""Every topic that a device speaks or hears: how it is sent, and what it is for. The payloads are in the schemas."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from edge.errors import UsageError
from edge.publish.mqtt.topics import BASE, STATUS_NAMES

DEVICE = f"{BASE}/{{deviceId}}/"
STREAM = "stream"
_STREAMS = "|".join((*STATUS_NAMES, r"\+", "<[^/]*>", r"\{[^/]*\}"))
_PARAMETER = re.compile(r"\{(\w+)\}")
_ELLIPSIS = re.compile(r"^(…|\.\.\.)/?")


@dataclass(frozen=True)
class Topic:
    """One topic. `address` has its parameters in braces; `direction` is the device's view.

    `qos`, `retain` and `expiry_s` are those of the messages sent, or of the subscription to what is received. What is
    `echoed` is sent, and heard again as a sign that the connection lives.
    """

    address: str
    direction: Literal["send", "receive"]
    summary: str
    qos: int = 1
    retain: bool = False
    expiry_s: int | None = None
    echoed: bool = False

    @property
    def name(self) -> str:
        """The address without base and parameters: status/detail for edge-emotion/{deviceId}/status/{stream}/detail."""
        levels = [level for level in self.address.split("/") if not _PARAMETER.fullmatch(level)]
        return "/".join(levels[1:] if levels[0] == BASE else levels)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in braces, in order."""
        return tuple(_PARAMETER.findall(self.address))

    def matches(self, topic: str) -> bool:
        """Whether `topic` is this one, in full or below the device's base, with names or wildcards for parameters."""
        below = self.address.removeprefix(DEVICE)
        base = "" if below == self.address else f"({BASE}/[^/]+/)?"
        return topic == self.name or re.fullmatch(base + _PARAMETER.sub(_level, below), topic) is not None


def _level(parameter: re.Match[str]) -> str:
    return f"({_STREAMS})" if parameter[1] == STREAM else "[^/]+"


TOPICS = (
    Topic(f"{DEVICE}available", "send", "whether the device is there; also its last will", retain=True),
    Topic(f"{DEVICE}emotion", "send", "one window's result, five a second", qos=0, expiry_s=2),
    Topic(f"{DEVICE}state", "send", "the slow view: on change and at least every 20 s", retain=True),
    Topic(f"{DEVICE}event", "send", "faces that come and go, changes, ends of utterances"),
    Topic(f"{DEVICE}stats", "send", "rates, latencies, levels, every 10 s", qos=0, retain=True, echoed=True),
    Topic(f"{DEVICE}status/{{{STREAM}}}", "send", "how camera, microphone and engine are", retain=True),
    Topic(f"{DEVICE}status/{{{STREAM}}}/detail", "send", "why they are as they are", retain=True),
    Topic(f"{DEVICE}enabled/state", "send", "the privacy switch as it is", retain=True),
    Topic(f"{DEVICE}enabled/set", "receive", "the privacy switch, to be set"),
    Topic("homeassistant/device/{nodeId}/config", "send", "Home Assistant's device discovery", retain=True),
    Topic("homeassistant/status", "receive", "Home Assistant's birth and will"),
)


def find_topic(text: str) -> Topic:
    """The topic that `text` means: `state`, `…/state`, `edge-emotion/desk/state`, `status/video`.

    Raises UsageError, with the nearest topic that there is.
    """
    wanted = _ELLIPSIS.sub("", text.strip()).strip("/")
    for topic in TOPICS:
        if topic.matches(wanted):
            return topic
    below = re.sub(rf"^{BASE}/[^/]+/?", "", wanted)
    near = difflib.get_close_matches(below, list(_spellings()), 1, 0.6)
    names = ", ".join(topic.name for topic in TOPICS)
    hint = f"did you mean {near[0]}?" if near else f"choose one of {names}."
    raise UsageError(f"There is no topic {text!r}: {hint}")


def _spellings() -> Iterator[str]:
    for topic in TOPICS:
        yield topic.name
        if STREAM in topic.parameters:
            yield from (topic.name.replace("status", f"status/{stream}", 1) for stream in STATUS_NAMES)
