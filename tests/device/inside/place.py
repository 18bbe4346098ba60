"""What every trial has: the service, its devices, somebody who listens, and patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.device.inside.ear import Ear
from tests.device.inside.loopback import Card
from tests.device.inside.service import Service
from tests.device.inside.vivid import Camera

START_S = 120.0
"""Importing everything takes translated processors a quarter of a minute, and long when the host is busy."""
PATIENCE_S = 90.0
LOOK_S = 0.1


class VainError(Exception):
    """Something did not come."""


@dataclass
class Place:
    """`tell` takes a word on how far a trial is."""

    tell: Callable[[str], None]
    service: Service = field(default_factory=Service)
    ear: Ear = field(default_factory=Ear)
    camera: Camera = field(default_factory=Camera)
    card: Card = field(default_factory=Card)

    def until(self, condition: Callable[[], object], what: str, timeout_s: float = PATIENCE_S) -> float:
        """Wait for `condition`; gives the seconds that took. Raises VainError with what was waited for."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() > began + timeout_s:
                raise VainError(f"waited {timeout_s:.0f} s in vain: {what}")
            time.sleep(LOOK_S)
        return time.monotonic() - began

    def until_state(self, stream: str, *states: str, timeout_s: float = PATIENCE_S) -> float:
        """Wait until a stream is told to be in one of these states."""

        def look() -> bool:
            return self.ear.state(stream) in states

        try:
            return self.until(look, f"{stream} becomes {' or '.join(states)}", timeout_s)
        except VainError as vain:
            raise VainError(
                f"{vain}; it is {self.ear.state(stream)}: {self.ear.detail(stream).get('reason')}"
            ) from None

    def well(self) -> None:
        """Everything is plugged in, and the service is up with both streams online: how each trial begins."""
        self.tell("waits until all is well")
        self.camera.plug()
        self.card.plug()
        if self.ear.last("enabled/state") == "OFF":
            self.ear.say("enabled/set", "ON")
        if not self.service.active:
            self.service.start()
            self.until(lambda: self.service.active, "the service is ready", START_S)
        self.until_state("video", "online")
        self.until_state("audio", "online")
