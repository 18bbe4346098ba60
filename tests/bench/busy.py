"""A machine that has too much to do."""

from __future__ import annotations

import os
import subprocess
import sys


class BusyLoops:
    """One for each core, from `begin` to `end`."""

    def __init__(self) -> None:
        self._children: list[subprocess.Popen[bytes]] = []

    def begin(self) -> None:
        command = [sys.executable, "-c", "while True: pass"]
        self._children = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]

    def end(self) -> None:
        for child in self._children:
            child.kill()
            child.wait()
        self._children = []
