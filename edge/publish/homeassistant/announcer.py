"""What the MQTT publisher needs to keep a device announced."""

from __future__ import annotations

import time
from collections.abc import Callable

from edge.config import Settings
from edge.publish.homeassistant.birth import Birth
from edge.publish.homeassistant.discovery import Announcement, announcement


class Announcer:
    """An announcement, and the ear for Home Assistant's birth message. `heard` may be called from any thread."""

    def __init__(
        self,
        announcement: Announcement,
        birth: Birth | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.topic = announcement.topic
        self.payload = announcement.payload
        self.birth_topics = announcement.birth_topics
        self._birth = birth or Birth()
        self._clock_s = clock_s

    def heard(self, payload: bytes, retained: bool) -> None:  # noqa: ARG002 - some let the broker keep it, both count
        """A message on one of `birth_topics`."""
        self._birth.heard(payload, self._clock_s())

    def due(self) -> bool:
        """Whether to announce again now; true once."""
        return self._birth.due(self._clock_s())


def announcer_of(settings: Settings) -> Announcer | None:
    """What the settings ask for; None with `homeassistant.discovery = false`."""
    wanted = settings.homeassistant
    if not wanted.discovery:
        return None
    streams = {"video": settings.camera, "audio": settings.mic}
    absent = [stream for stream, source in streams.items() if source.strip().lower() == "none"]
    return Announcer(announcement(settings.device_id, wanted.prefix, absent))
