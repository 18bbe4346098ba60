"""The machine that the other tests boot: its own, and gone without a trace however its test ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.boot.machine import machine, missing, until
from tests.conftest import REPOSITORY

CGROUPS = Path("/sys/fs/cgroup")
BOOT_AND_WAIT = """
import time
from tests.boot.machine import machine
with machine() as made:
    made.boot()
    print(made.name, flush=True)
    time.sleep(600)
"""


def test_what_is_written_in_it_is_not_seen_outside():
    with machine() as made:
        made.boot()
        made.run("sh", "-c", "echo inside >/srv/from-the-boot-test")
        assert made.path("/srv/from-the-boot-test").read_text() == "inside\n"
        assert not Path("/srv/from-the-boot-test").exists()
        assert made.run("ip", "-brief", "link").stdout.split()[0] == "lo"
    assert traces(made.name) == []


def test_nothing_is_left_when_the_tests_are_killed():
    if missing():
        pytest.skip(missing() or "")
    words = [sys.executable, "-c", BOOT_AND_WAIT]
    with subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        name = tests.stdout.readline().strip()
        assert traces(name)
        os.kill(tests.pid, signal.SIGKILL)
    until(lambda: traces(name) == [], "all of it is gone")


def traces(name):
    """Processes, cgroups and mounts of a machine, as this one sees them."""
    found = list(Path("/run/systemd/nspawn").rglob(f"*{name}*"))
    found += [path for path in (CGROUPS / name, *(each / name for each in CGROUPS.iterdir())) if path.exists()]
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [command] if name.encode() in command.read_bytes() else []
        except OSError:
            continue
    return found + [
        line for line in Path("/proc/self/mountinfo").read_text().splitlines() if "edge-emotion-boot" in line
    ]
