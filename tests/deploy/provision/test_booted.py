"""What the last step does with a service on a machine that runs: started, restarted where it has to be, left alone."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.boot.machine import Machine, machine
from tests.deploy.release.tiny import tiny_wheel
from tests.wheels import checkout

UNIT = "edge-emotion.service"
CHECKOUT, WHEELS = "/srv/checkout", "/srv/wheels"

pytestmark = pytest.mark.timeout(200)


def deploy(on: Machine, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    words = ("env", f"PYTHONPATH={CHECKOUT}", "PYTHONDONTWRITEBYTECODE=1", "/usr/bin/python3", "-m", "deploy.cli")
    return on.run(*words, command, *options, check=False, timeout_s=150)


def provision(on: Machine, wheel: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return deploy(on, "provision", f"{WHEELS}/{wheel.name}", "--wheels", WHEELS, "--no-broker", *options)


@pytest.fixture
def booted():
    with machine() as made:
        assert not made.path("/opt/edge-emotion").exists(), "this machine has a provision of its own"
        checkout(made.path(CHECKOUT))
        made.boot()
        yield made


def test_a_service_is_started_restarted_and_left_alone(booted):
    wheels = booted.path(WHEELS)
    broken, whole = tiny_wheel(wheels, "1.0", crashes=True), tiny_wheel(wheels, "1.1")
    planned = provision(booted, whole, "--dry-run", "--json")
    assert planned.returncode == 0, planned.stderr
    if "apt packages" in json.loads(planned.stdout):
        pytest.skip("packages of apt are missing here, and the machine of the test has no network")

    done = provision(booted, broken)
    assert done.returncode == 1
    assert "there is something wrong with 1.0" in done.stderr, "the journal's words"
    assert done.stderr.count("\n") == 1
    assert deploy(booted, "status").returncode == 1

    done = provision(booted, whole)
    assert done.returncode == 0, done.stderr
    assert "runs: systemctl status edge-emotion" in done.stdout
    assert deploy(booted, "status").returncode == 0
    first = booted.show(UNIT, "MainPID")

    booted.write("/root/password", "a secret\n")
    options = ("--mqtt-password-file", "/root/password")
    assert f"restart {UNIT}" in provision(booted, whole, *options, "--dry-run").stdout
    assert provision(booted, whole, *options).returncode == 0
    second = booted.show(UNIT, "MainPID")
    assert second != first, "systemd hands a password over at the start only"
    assert "nothing to do" in provision(booted, whole, *options).stdout
    assert booted.show(UNIT, "MainPID") == second

    booted.run("systemctl", "stop", UNIT)
    assert deploy(booted, "status").returncode == 1
    assert provision(booted, whole).returncode == 0
    assert booted.show(UNIT, "ActiveState") == "active"

    booted.run("systemctl", "disable", "--now", UNIT)
    done = provision(booted, whole)
    assert f"{UNIT} was disabled by hand and stays so" in done.stdout
    assert booted.show(UNIT, "ActiveState") == "inactive"

    done = deploy(booted, "remove", "--purge")
    assert (done.returncode, done.stderr) == (0, "")
    assert not booted.path(f"/etc/systemd/system/{UNIT}").exists()
    assert not booted.path("/opt/edge-emotion").exists()
