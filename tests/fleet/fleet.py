"""All devices of a simulation in one event loop, and the phases that they go through."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from edge.clock import NS_PER_S
from edge.errors import EdgeError
from tests.fleet.device import Device, Habits
from tests.fleet.endings import end

READY_S = 90.0


class Fleet:
    """`count` devices that start to connect at the same moment."""

    def __init__(self, count: int, habits: Habits) -> None:
        self.devices = [Device(number, habits) for number in range(count)]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Fleet]:
        """All devices run; they are cut off at the end."""
        asyncio.get_running_loop().set_exception_handler(_complain)
        tasks = [asyncio.create_task(device.run()) for device in self.devices]
        try:
            yield self
        finally:
            await end(tasks)

    async def all_ready(self, since_ns: int) -> list[float]:
        """Seconds from `since_ns` (CLOCK_MONOTONIC) until each device stood, sorted; EdgeError after 90 s."""
        deadline_s = time.monotonic() + READY_S
        while missing := [device.name for device in self.devices if device.ready_ns <= since_ns]:
            if time.monotonic() > deadline_s:
                raise EdgeError(f"{len(missing)} devices are not back after {READY_S:g} s, {missing[0]} among them.")
            await asyncio.sleep(0.02)
        return sorted((device.ready_ns - since_ns) / NS_PER_S for device in self.devices)

    def let(self, talking: bool) -> None:
        """Let all devices talk, or be silent; they keep their connections."""
        for device in self.devices:
            device.talking = talking

    @property
    def sent(self) -> Counter[str]:
        """Messages by kind of topic."""
        return sum((device.sent for device in self.devices), Counter())

    @property
    def bytes_sent(self) -> Counter[str]:
        """Topics and payloads by kind of topic."""
        return sum((device.bytes_sent for device in self.devices), Counter())


def _complain(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say what failed in a callback, but not that aiomqtt watches a socket which the broker's end has just closed."""
    if not isinstance(context.get("exception"), OSError):
        loop.default_exception_handler(context)
