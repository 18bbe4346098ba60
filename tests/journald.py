"""A real journald for tests, without a systemd around it: in a mount namespace of its own.

Only what runs in the namespace sees its sockets, see `Journald.inside`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

PROGRAM = Path("/lib/systemd/systemd-journald")
LIMIT_S = 20.0
_SETUP = r"""
mkdir -p /run/systemd /run/log
for folder in /run/systemd /run/log /var/log; do mount -t tmpfs tmpfs $folder || exit 9; done
mkdir -p /run/log/journal /run/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\n' >/run/systemd/journald.conf.d/test.conf
exec "$0"
"""


class Journald:
    """journald in a namespace of its own; its journal is in memory and goes with it."""

    def __init__(self) -> None:
        # The child of unshare would outlive it: exec all the way makes it one process.
        self._daemon = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", _SETUP, str(PROGRAM)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def inside(self, *words: str) -> list[str]:
        """The words of a command that runs where this journald is."""
        return ["nsenter", f"--mount=/proc/{self._daemon.pid}/ns/mnt", "--wdns=.", *words]

    def wait_until_there(self) -> None:
        """Until its sockets are; skips where this machine refuses namespaces."""
        folder = Path(f"/proc/{self._daemon.pid}/root/run/systemd/journal")
        deadline = time.monotonic() + LIMIT_S
        while not ((folder / "socket").is_socket() and (folder / "stdout").is_socket()):
            if self._daemon.poll() is not None:
                pytest.skip("no mount namespace, or journald does not start in one")
            assert time.monotonic() < deadline, "journald does not open its sockets"
            time.sleep(0.02)

    @contextlib.contextmanager
    def started(self, script: str) -> Iterator[subprocess.Popen[str]]:
        """A Python script inside; the caller speaks to its standard input and hears its output."""
        words = self.inside(sys.executable, "-c", script)
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            try:
                yield child
            finally:
                self.go_on()
                child.kill()

    def run(self, script: str, *, timeout_s: float = LIMIT_S) -> subprocess.CompletedProcess[str]:
        """A Python script inside, to its end."""
        words = self.inside(sys.executable, "-c", script)
        return subprocess.run(words, capture_output=True, text=True, timeout=timeout_s, check=False)

    def entries(self, *matches: str) -> list[dict[str, str]]:
        """All entries with these fields so far, oldest first."""
        subprocess.run(self.inside("journalctl", "--sync"), capture_output=True, timeout=LIMIT_S, check=False)
        words = self.inside("journalctl", "--directory=/run/log/journal", "--output=json", "--quiet", *matches)
        out = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_S, check=False).stdout
        return [json.loads(line) for line in out.splitlines()]

    def wait_for(self, count: int, *matches: str) -> list[dict[str, str]]:
        """Until there are so many."""
        deadline = time.monotonic() + LIMIT_S
        while len(found := self.entries(*matches)) < count:
            assert time.monotonic() < deadline, f"{len(found)} entries instead of {count} with {matches}"
            time.sleep(0.05)
        return found

    def stand_still(self, seconds: float) -> None:
        """It reads no more for so long, as on a disk that hangs."""
        self._daemon.send_signal(signal.SIGSTOP)
        waking = threading.Timer(seconds, self.go_on)
        waking.daemon = True
        waking.start()

    def go_on(self) -> None:
        """It reads again."""
        if self._daemon.poll() is None:
            self._daemon.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """It ends, and the namespace with it."""
        self.go_on()
        self._daemon.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._daemon.wait(5)
        self._daemon.kill()
        self._daemon.wait()


def missing(words: Sequence[str] = ("unshare", "nsenter", "journalctl")) -> str | None:
    """What a test would need that this machine lacks."""
    if os.geteuid() != 0:
        return "a journald in a mount namespace needs root"
    if not PROGRAM.is_file():
        return f"no {PROGRAM}"
    return next((f"no {word}" for word in words if shutil.which(word) is None), None)


@contextlib.contextmanager
def journald() -> Iterator[Journald]:
    """One for a test; skips by name where it cannot be had."""
    lacks = missing()
    if lacks is not None:
        pytest.skip(lacks)
    started = Journald()
    try:
        started.wait_until_there()
        yield started
    finally:
        started.stop()
