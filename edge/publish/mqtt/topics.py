"""Topic names under `edge-emotion/<device-id>`."""

from __future__ import annotations

import re

from edge.errors import UsageError

BASE = "edge-emotion"
STATUS_NAMES = ("video", "audio", "engine")
STATUS_STATES = ("online", "degraded", "offline", "disabled")
_BAD = re.compile(r"[/+#$\s\x00-\x1f\x7f\ud800-\udfff]")


def check_device_id(device_id: str) -> str:
    """`device_id` itself; raises UsageError when it cannot be one level of a topic."""
    if not device_id or _BAD.search(device_id) or len(device_id.encode()) > 64:
        raise UsageError(
            f"--device-id {device_id!r} cannot be part of a topic; use 1 to 64 letters, digits, '-', '_' or '.'."
        )
    return device_id


class Topics:
    """All topics of one device."""

    def __init__(self, device_id: str) -> None:
        self.base = f"{BASE}/{check_device_id(device_id)}"
        self.available = f"{self.base}/available"
        self.emotion = f"{self.base}/emotion"
        self.state = f"{self.base}/state"
        self.event = f"{self.base}/event"
        self.stats = f"{self.base}/stats"
        self.enabled_set = f"{self.base}/enabled/set"
        self.enabled_state = f"{self.base}/enabled/state"

    def status(self, name: str) -> str:
        """`…/status/<name>`."""
        return f"{self.base}/status/{name}"

    def status_detail(self, name: str) -> str:
        """`…/status/<name>/detail`."""
        return f"{self.base}/status/{name}/detail"
