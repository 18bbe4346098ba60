"""LabStreamingLayer held to this machine, and a real inlet in a process of its own that prints what it gets."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

WAIT_S = 30.0
_INLET = """
import json, sys
import pylsl

def say(what):
    print(json.dumps(what), flush=True)

found = []
while not found:
    found = pylsl.resolve_byprop("name", sys.argv[1], 1, 2.0)
inlet = pylsl.StreamInlet(found[0])
info = inlet.info(10)
inlet.open_stream(10)
say({
    "source_id": info.source_id(), "type": info.type(), "rate_hz": info.nominal_srate(),
    "labels": info.get_channel_labels(), "units": info.get_channel_units(), "types": info.get_channel_types(),
    "xml": info.as_xml(), "time_correction_s": inlet.time_correction(10),
})
while True:
    values, stamp = inlet.pull_sample(timeout=5.0)
    if values is not None:
        say([stamp, values])
"""


def loopback_config(folder: Path) -> Path:
    """A config file that keeps discovery on 127.0.0.1 and apart from other tests."""
    path = folder / "lsl_api.cfg"
    path.write_text(
        "[ports]\nIPv6 = disable\n"
        "[multicast]\nResolveScope = machine\nListenAddress = 127.0.0.1\n"
        f"[lab]\nKnownPeers = {{127.0.0.1}}\nSessionID = {uuid.uuid4().hex}\n"
    )
    return path


def need_pylsl() -> None:
    """Skips where there is no pylsl, or no liblsl behind it."""
    try:
        import pylsl  # noqa: F401
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"pylsl cannot be used here: {error}")


class Inlet:
    """An inlet for the stream of this name, in a child process; `samples` are (stamp in s, values) in their order."""

    def __init__(self, name: str, config: Path) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-c", _INLET, name],
            env={**os.environ, "LSLAPICFG": str(config)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Inlet:  # noqa: PYI034 - Self is Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.wait()

    @property
    def samples(self) -> list[tuple[float, list[Any]]]:
        return [tuple(json.loads(line)) for line in self._lines[1:]]

    def described(self) -> dict[str, Any]:
        """What the stream says of itself; waits until the inlet is open."""
        self._wait(1)
        return json.loads(self._lines[0])

    def wait_for(self, number: int) -> list[tuple[float, list[Any]]]:
        """The first `number` samples."""
        self._wait(1 + number)
        return self.samples[:number]

    @contextlib.contextmanager
    def frozen(self):
        """The reader hangs, and takes nothing."""
        os.kill(self._child.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._child.pid, signal.SIGCONT)

    def _read(self) -> None:
        self._lines.extend(self._child.stdout)  # one by one, as they come

    def _wait(self, lines: int) -> None:
        deadline = time.monotonic() + WAIT_S
        while len(self._lines) < lines:
            if time.monotonic() > deadline or self._child.poll() is not None:
                pytest.fail(f"the inlet gave {len(self._lines)} lines, not {lines}")
            time.sleep(0.01)
