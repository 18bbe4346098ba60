"""What the service manager is told of a run, a few times a second."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from edge.clock import Clock
from edge.notify import ServiceManager
from edge.reload import Reload
from edge.stage import Stage
from edge.statuses import Statuses
from edge.supervisor import Supervisor
from edge.uplink import Uplink


class ServiceReport:
    """Feeds the watchdog while no stage hangs, and says in words how it goes. For the main thread."""

    def __init__(self, clock: Clock, statuses: Statuses, uplink: Uplink, reload: Reload) -> None:
        self._manager = ServiceManager(clock)
        self._statuses = statuses
        self._uplink = uplink
        self._reload = reload
        # Whoever is ended by a watchdog leaves nothing to look at but the log.
        stacks_level = logging.ERROR if self._manager.watches else logging.DEBUG
        self._supervisor = Supervisor(clock, statuses.of_stages, stacks_level)

    def step(self, stages: Iterable[Stage], *, ready: bool, building: bool) -> None:
        """`ready`: the first result is out, or none is wanted. `building`: an engine is being built."""
        if self._supervisor.look(stages):
            self._manager.alive()
        if building:
            self._manager.hold()
        if ready:
            self._manager.ready()
        self._manager.status(self.in_words)

    def reload(self) -> None:
        """Read the settings again; the next step says that it is done."""
        self._manager.reloading()
        self._reload.run()

    def stopping(self) -> None:
        """The end has begun."""
        self._manager.stopping()

    @property
    def in_words(self) -> str:
        """Like "video online, audio online, engine online, broker connected"."""
        link, waiting = self._uplink.link, self._reload.waiting
        broker = "" if link is None else f", {link.in_words}"
        restart = f"; a restart applies the new {', '.join(waiting)}" if waiting else ""
        return f"{self._statuses.in_words}{broker}{restart}"
