"""A build that is told to end, as a process of its own."""

import json
import signal
import subprocess
import sys

import pytest

_LINE = ["build", "--backend", "rtx", "--precision", "fp32", "--progress", "json", "--out"]


@pytest.mark.usefixtures("rtx")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_build_that_is_told_to_end_ends_and_keeps_nothing(tmp_path, number, code):
    command = [sys.executable, "-m", "engines.cli", *_LINE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as build:
        assert build.stdout is not None
        assert json.loads(build.stdout.readline())["graph"] == "face"
        build.send_signal(number)
        said, errors = build.communicate(timeout=60)
    assert build.returncode == code
    assert "built" not in said
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
