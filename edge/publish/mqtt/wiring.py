"""What a connection needs from its owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Wiring:
    """Topics and callbacks. The callbacks run in the network thread and must be quick.

    `handlers` are called with payload and retain flag of each message on their topic, subscribed to with QoS 1.
    `echo_topic`: published on every few seconds and read back, to see that something gets through.
    `retained`: what the broker keeps on these topics is wanted too, at each connect.
    """

    device_id: str
    will_topic: str | None
    handlers: Mapping[str, Callable[[bytes, bool], None]]
    on_connected: Callable[[], None]
    on_progress: Callable[[], None]
    echo_topic: str | None = None
    retained: bool = False
