"""Executes commands in a thread of its own: writing the switch to a slow disk must not hold up what is published."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from edge.publish.mqtt.commands import Commands

_LOOK_EVERY_S = 1.0
_log = logging.getLogger(__name__)


class Switchman:
    """Calls `on_enabled` with each command that is due, one at a time. One that fails is only told."""

    def __init__(self, commands: Commands, on_enabled: Callable[[bool], None]) -> None:
        self._commands = commands
        self._on_enabled = on_enabled
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt-in", daemon=True)

    def start(self) -> None:
        """Begin to execute."""
        self._thread.start()

    def stop(self) -> None:
        """Execute no more; what is being executed goes on."""
        self._ended.set()
        self._commands.wake()

    def _run(self) -> None:
        while not self._ended.is_set():
            on = self._commands.next(_LOOK_EVERY_S)
            if on is None or self._ended.is_set():
                continue
            try:
                self._on_enabled(on)
            except Exception as error:
                self._commands.done(failed=True)
                _log.warning("the switch could not be turned (%s: %s)", type(error).__name__, error)
                _log.debug("where it failed", exc_info=True)
            else:
                self._commands.done()
