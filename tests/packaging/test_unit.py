"""The service's unit, judged by systemd itself."""

from __future__ import annotations

import configparser
import shutil
import subprocess

import pytest

from tests.conftest import REPOSITORY

UNIT = REPOSITORY / "systemd" / "edge-emotion.service"


def analyze(*words):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    return subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True, check=False)


@pytest.fixture
def startable(tmp_path):
    """The same unit with a command that exists on this machine, which is the only thing verify may not know."""
    text = UNIT.read_text().replace("/opt/edge-emotion/.venv/bin/edge-emotion run", "/bin/true")
    path = tmp_path / UNIT.name
    path.write_text(text)
    return path


def test_systemd_has_nothing_to_say_about_it(startable):
    done = analyze("verify", startable)
    about_it = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert done.returncode == 0
    assert about_it == []


def test_verify_would_have_said_something(startable):
    startable.write_text(startable.read_text().replace("DynamicUser=", "DynamikUser="))
    assert "DynamikUser" in analyze("verify", startable).stderr


def test_its_exposure_is_low(startable):
    done = analyze("security", "--offline=true", "--threshold=25", startable)
    assert done.returncode == 0, done.stdout.splitlines()[-1]


def test_what_cannot_heal_is_not_restarted():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(UNIT)
    assert unit["Service"]["RestartPreventExitStatus"].split() == ["64", "78"]
    assert unit["Service"]["StateDirectory"] == "edge-emotion"


def test_a_compiler_that_runs_out_of_memory_does_not_end_the_service():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(UNIT)
    assert unit["Service"]["OOMPolicy"] == "continue"
