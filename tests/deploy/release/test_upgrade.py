"""Upgrades of a running service, in a machine of its own with a real systemd."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.boot.machine import Machine, machine
from tests.deploy.release.tiny import tiny_wheel
from tests.wheels import checkout

_UNIT = "edge-emotion.service"
_CONFIG = "/etc/edge-emotion/config.toml"
_STATE = "/var/lib/edge-emotion/enabled"
_PROVISION_S = 120


@dataclass
class _Served:
    """A machine on which 1.0 was installed and then 1.1, which runs."""

    machine: Machine
    wheels: Path
    said: list[str] = field(default_factory=list)

    def provision(self, source: str, *options: str) -> subprocess.CompletedProcess[str]:
        """`edge-deploy provision` as its user would call it."""
        command = ["env", "PYTHONPATH=/srv/checkout", "/usr/bin/python3", "-m", "deploy.cli", "provision", source]
        done = self.machine.run(*command, "--wheels", "/srv/wheels", *options, check=False, timeout_s=_PROVISION_S)
        self.said.append(done.stdout + done.stderr)
        return done

    def offer(self, version: str, **flaws: object) -> str:
        """A wheel of the tiny project, seen inside."""
        return f"/srv/wheels/{tiny_wheel(self.wheels, version, **flaws).name}"  # type: ignore[arg-type]

    def is_well(self) -> bool:
        """What `edge-deploy status` answers."""
        command = ("env", "PYTHONPATH=/srv/checkout", "/usr/bin/python3", "-m", "deploy.cli", "status")
        return self.machine.run(*command, check=False).returncode == 0

    @property
    def status(self) -> str:
        """What the daemon that runs says of itself."""
        assert self.machine.show(_UNIT, "ActiveState") == "active", self.said[-1]
        return self.machine.show(_UNIT, "StatusText")

    @property
    def releases(self) -> list[str]:
        """The versions that lie there."""
        folder = self.machine.path("/opt/edge-emotion/releases")
        return sorted(path.name.partition("-")[0] for path in folder.iterdir())


@pytest.fixture(scope="module")
def served() -> Iterator[_Served]:
    with machine() as made:
        assert not made.path("/opt/edge-emotion").exists(), "this machine has a provision of its own"
        checkout(made.path("/srv/checkout"))
        here = _Served(made, made.path("/srv/wheels"))
        made.boot()
        first = here.offer("1.0")
        planned = here.provision(first, "--no-broker", "--dry-run", "--json")
        assert planned.returncode == 0, planned.stderr
        if "apt packages" in json.loads(planned.stdout):
            pytest.skip("packages of apt are missing here, and the machine of the test has no network")
        done = here.provision(first, "--no-broker", "--camera", "none")
        assert done.returncode == 0, done.stdout + done.stderr
        assert here.status == "this is 1.0"
        made.write(_CONFIG, made.path(_CONFIG).read_text() + "# mine\n")
        made.run("sh", "-c", f"echo OFF > {_STATE}")
        assert here.provision(here.offer("1.1"), "--no-broker").returncode == 0, here.said[-1]
        yield here


def test_an_upgrade_runs_and_keeps_settings_and_state(served):
    assert served.status == "this is 1.1"
    assert served.machine.path(_CONFIG).read_text().endswith("# mine\n")
    assert served.machine.run("cat", _STATE).stdout == "OFF\n"
    assert {"1.0", "1.1"} <= {*served.releases}


def test_the_same_again_changes_nothing(served):
    process = served.machine.show(_UNIT, "MainPID")
    assert served.provision(served.offer("1.1"), "--no-broker").returncode == 0
    assert served.machine.show(_UNIT, "MainPID") == process


def test_what_fails_its_own_doctor_does_not_come_into_force(served):
    process = served.machine.show(_UNIT, "MainPID")
    done = served.provision(served.offer("1.2", failing=["model"]), "--no-broker")
    assert done.returncode == 1
    assert "1.1-" in done.stderr
    assert "stays in force" in done.stderr
    assert "model: it is broken. Mend it." in done.stderr
    assert served.machine.show(_UNIT, "MainPID") == process
    assert "1.2" not in served.releases
    assert served.is_well(), "all is as it was"


def test_what_does_not_come_up_is_taken_back(served):
    unit = served.machine.path(f"/etc/systemd/system/{_UNIT}").read_bytes()
    done = served.provision(served.offer("1.3", crashes=True), "--no-broker")
    assert done.returncode == 1
    assert "is in force again" in done.stderr
    assert "there is something wrong with 1.3" in done.stderr
    assert served.status == "this is 1.1"
    assert "1.3" not in served.releases
    assert served.is_well()
    assert served.machine.path(f"/etc/systemd/system/{_UNIT}").read_bytes() == unit


def test_a_switch_that_was_cut_off_is_finished(served):
    """The link leads to the new release, and the daemon is still the old one's."""
    process = served.machine.show(_UNIT, "MainPID")
    served.machine.write("/opt/edge-emotion/switch-from", "1.0-00000000\n")
    assert served.provision(served.offer("1.1"), "--no-broker").returncode == 0
    assert served.machine.show(_UNIT, "MainPID") != process
    assert not served.machine.path("/opt/edge-emotion/switch-from").exists()


def test_only_the_release_before_is_kept(served):
    """The last of this file: 1.4 is in force then."""
    assert served.provision(served.offer("1.4"), "--no-broker").returncode == 0
    assert served.status == "this is 1.4"
    assert served.releases == ["1.1", "1.4"]
