"""What mosquitto itself wrote down: who came when."""

from __future__ import annotations

import time
from pathlib import Path

from edge.publish.mqtt.login import client_id
from tests.bench.scene import DEVICE
from tests.broker import Mosquitto

CAME = f"as {client_id(DEVICE)}"
"""What the broker's log says when the daemon connects."""
PATIENCE_S = 45.0


class BrokerLog:
    """Reads on where the last look ended."""

    def __init__(self, broker: Mosquitto) -> None:
        self._path = Path(broker._config).with_name("log")
        self._seen = 0

    def skip(self) -> None:
        """Forget what was written until now."""
        self.new_lines()

    def new_lines(self) -> list[str]:
        """What was written since the last look."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._seen)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._seen += len(whole)
        return whole.decode(errors="replace").splitlines()

    def wait_for(self, words: str, timeout_s: float) -> float | None:
        """When (CLOCK_MONOTONIC, s) a new line held `words`; None when none did."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if any(words in line for line in self.new_lines()):
                return time.monotonic()
            time.sleep(0.005)
        return None
