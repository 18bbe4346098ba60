"""Standard error on a full disk: nothing stops, no traceback, and the log goes on when there is room."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge.config import set_enabled
from tests.broker import until
from tests.process.small_disk import fill, tmpfs

pytestmark = pytest.mark.timeout(120)


def started(clip, state, err, *more):
    words = ["-m", "edge.cli", "--camera", clip, "--mic", clip, "--broker", "none", "--loop", "--json", *more]
    environ = {**os.environ, "STATE_DIRECTORY": str(state)}
    return subprocess.Popen([sys.executable, *map(str, words)], env=environ, stdout=subprocess.PIPE, stderr=err)


def test_a_log_that_nothing_takes_stops_nothing(demo_clip_path, tmp_path):
    with Path("/dev/full").open("wb") as full:
        child = started(demo_clip_path, tmp_path, full, "--duration", 4)
        out, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    assert out.count(b"\n") >= 10


def test_the_log_goes_on_when_the_disk_has_room_again(demo_clip_path, tmp_path):
    switch = {"STATE_DIRECTORY": str(tmp_path)}
    with tmpfs(tmp_path / "log", "size=64k") as folder:
        log = folder / "log"
        filler = fill(folder)
        with log.open("ab", buffering=0) as err:
            child = started(demo_clip_path, tmp_path, err)
        try:
            for _ in range(5):
                assert child.stdout.readline().startswith(b"{")
            set_enabled(False, switch)
            time.sleep(1.5)  # what it says now finds no room
            assert child.poll() is None
            assert b"switched off" not in log.read_bytes()
            filler.unlink()
            set_enabled(True, switch)
            until(lambda: b"switched on" in log.read_bytes(), "the log goes on")
        finally:
            child.terminate()
            child.communicate(timeout=30)
        assert child.returncode == 0
        assert b"Traceback" not in log.read_bytes()


def test_a_line_that_cannot_be_made_is_no_traceback():
    program = "import logging, edge.cli.logs as logs; logs.log_to_stderr('info'); logging.info('%d faces', 'two')"
    program += "; logging.info('and on')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert "and on" in done.stderr
