"""The real command as a child process."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

LIMIT_S = 60.0


@dataclass(frozen=True)
class Done:
    """How a run ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def results(self) -> list[dict[str, Any]]:
        """The JSON lines of standard output."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def sentence(self) -> str:
        """What an error says: the last line of standard error."""
        return self.err.strip().splitlines()[-1] if self.err.strip() else ""

    def assert_no_traceback(self) -> None:
        assert "Traceback" not in self.err, self.err


class Running:
    """`edge-emotion` with these words; standard output and error are kept while it runs.

    `before` are the words of a command that starts it, like `strace`.
    """

    module = "edge.cli"

    def __init__(self, *words: object, environ: dict[str, str] | None = None, before: Sequence[str] = ()) -> None:
        self.began = time.monotonic()
        self.child = subprocess.Popen(
            [*before, sys.executable, "-m", self.module, *map(str, words)],
            env={**os.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(self.child.stdout, self.out), daemon=True),
            threading.Thread(target=self._read, args=(self.child.stderr, self.err), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Running:  # noqa: PYI034  (typing.Self needs Python 3.11)
        return self

    def __exit__(self, *_: object) -> None:
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()

    def _read(self, stream, lines: list[str]) -> None:
        with contextlib.suppress(ValueError):  # a test may close the pipe
            lines.extend(stream)  # one by one, as they come

    def wait_for(self, text: str, timeout_s: float = LIMIT_S) -> None:
        """Until standard error says `text`."""
        deadline = time.monotonic() + timeout_s
        while not any(text in line for line in list(self.err)):
            if self.child.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the daemon never said {text!r}, but: {''.join(self.err)}")
            time.sleep(0.02)

    def wait_for_results(self, count: int, timeout_s: float = LIMIT_S) -> list[dict[str, Any]]:
        """Until `count` more JSON lines came."""
        before, deadline = len(self.out), time.monotonic() + timeout_s
        while len(self.out) < before + count:
            if self.child.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{len(self.out) - before} results instead of {count}: {''.join(self.err)}")
            time.sleep(0.02)
        return [json.loads(line) for line in self.out[before:]]

    def end(self, number: int = signal.SIGTERM) -> Done:
        """Ask it to stop and wait."""
        self.child.send_signal(number)
        return self.finish(20.0)

    def finish(self, timeout_s: float = LIMIT_S) -> Done:
        """Wait until it ends by itself; a hang fails the test."""
        try:
            self.child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.child.kill()
            pytest.fail(f"the command hangs; it said: {''.join(self.err)}")
        for reader in self._readers:
            reader.join(5)
        return Done(self.child.returncode, "".join(self.out), "".join(self.err), time.monotonic() - self.began)


def run(*words: object, environ: dict[str, str] | None = None, timeout_s: float = LIMIT_S) -> Done:
    """One whole run."""
    with Running(*words, environ=environ) as running:
        return running.finish(timeout_s)
