"""The privacy switch of a run: the file decides, whoever writes it; MQTT asks for it to be written."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from edge.config import read_switch, set_enabled
from edge.errors import EdgeError

_log = logging.getLogger("edge.daemon")


class PrivacySwitch:
    """Reads the file when it is made, before any device is opened. `on_turn` is told each change, one at a time."""

    def __init__(self, on_turn: Callable[[bool], None]) -> None:
        self._told: str | None = None
        self._on_turn = on_turn
        self._turning = threading.RLock()
        self.on = self._on_disk = self._read()

    def tell(self) -> None:
        """Tell `on_turn` how it stands. Nobody can turn it meanwhile: an old ON must not come after a new OFF."""
        with self._turning:
            self._on_turn(self.on)

    def wish(self, on: bool) -> None:
        """ON or OFF over MQTT: on disk first, so that it outlives whatever comes next."""
        with self._turning:
            try:
                set_enabled(on)
            except EdgeError as error:
                self._tell(f"{error} The switch holds for this run only.")
                self._turn(on)
                return
            # Not only when the file has changed: a wish that could not be written may have been obeyed before.
            self._on_disk = self._read()
            self._turn(self._on_disk)

    def follow(self) -> None:
        """Each change of the file is followed, once."""
        with self._turning:
            on_disk = self._read()
            if on_disk != self._on_disk:
                self._on_disk = on_disk
                self._turn(on_disk)

    def _read(self) -> bool:
        on, trouble = read_switch()
        if trouble is not None:
            self._tell(trouble)
        return on

    def _tell(self, trouble: str) -> None:
        """However often it is met: once."""
        if trouble != self._told:
            self._told = trouble
            _log.warning("%s", trouble)

    def _turn(self, on: bool) -> None:
        if on == self.on:
            return
        self.on = on
        _log.info("recognition is switched %s", "on" if on else "off")
        self._on_turn(on)
