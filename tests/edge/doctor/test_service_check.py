"""What the doctor says of the service, as a real systemd has it."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from tests.boot.machine import machine as booting
from tests.boot.machine import until

REPOSITORY = Path(__file__).parents[3]
UNIT = "edge-emotion.service"
LOOK = """
import json
from edge.doctor import Machine
from edge.doctor.fix import applied
from edge.doctor.service import ServiceCheck
check = ServiceCheck()
said = check.run(Machine())
fix = check.fix(Machine())
done = applied(fix) if fix else None
print(json.dumps([said.verdict.value, said.found, said.remedy, done]))
"""

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def booted():
    with booting(f"--bind-ro={REPOSITORY}") as made:  # a checkout in /tmp is not seen there else
        made.boot()
        yield made


@pytest.fixture
def install(booted):
    """Put a service there that runs `command`, enabled, and start it; another one in its place the next time."""

    def put(command, *more, start=True):
        booted.run("systemctl", "stop", UNIT, check=False)
        booted.run("systemctl", "reset-failed", UNIT, check=False)
        lines = [f"ExecStart=/bin/sh -c {shlex.quote(command)}", *more]
        text = "\n".join(["[Service]", *lines, "[Install]", "WantedBy=multi-user.target", ""])
        booted.write(f"/etc/systemd/system/{UNIT}", text)
        booted.run("systemctl", "daemon-reload")
        booted.run("systemctl", "enable", UNIT)
        if start:
            booted.run("systemctl", "start", UNIT, check=False)

    return put


def look(booted):
    command = f"cd {shlex.quote(str(REPOSITORY))} && exec {shlex.quote(sys.executable)} -c {shlex.quote(LOOK)}"
    return json.loads(booted.run("sh", "-c", command).stdout)


def wait_for(booted, key, value):
    until(lambda: booted.show(UNIT, key) == value, f"{key} is {value}")


def test_a_service_that_runs_is_fine_and_one_that_was_restarted_is_not(booted, install):
    assert look(booted)[0] == "not applicable"
    install("exec sleep 1000", "Restart=always", "RestartSec=0")
    assert look(booted) == ["ok", "active", "", None]
    booted.run("systemctl", "kill", "--signal=KILL", UNIT)
    wait_for(booted, "NRestarts", "1")
    verdict, found, remedy, _ = look(booted)
    assert (verdict, found) == ("warning", "active; restarts by systemd so far: 1")
    assert f"journalctl -u {UNIT}" in remedy


@pytest.mark.parametrize(
    ("command", "more", "words"),
    [
        ("exit 78", ["Restart=on-failure", "RestartPreventExitStatus=78"], "its settings are wrong"),
        ("exec sleep 1000", ["WatchdogSec=1"], "a stage hung and the watchdog ended it"),
        ("exit 1", ["SupplementaryGroups=nobody-has-it"], "a group that it names does not exist"),
    ],
)
def test_why_it_failed_is_told(command, more, words, booted, install):
    install(command, *more)
    wait_for(booted, "ActiveState", "failed")
    verdict, found, remedy, done = look(booted)
    assert (verdict, done) == ("warning", None)
    assert found == f"it has failed and is not started again: {words}"
    assert remedy.endswith(".")


def test_a_crash_loop_is_told_by_its_end(booted, install):
    install("exit 1", "Restart=always", "RestartSec=0")
    wait_for(booted, "ActiveState", "failed")
    verdict, found, remedy, _ = look(booted)
    assert verdict == "warning"
    assert found.startswith("it has failed and is not started again: ")
    assert remedy


def test_a_service_that_would_not_start_with_the_machine_is_told(booted, install):
    install("exec sleep 1000", start=False)
    assert look(booted)[:3] == ["warning", "it is enabled and does not run", f"Run sudo systemctl start {UNIT}."]
    booted.run("systemctl", "disable", UNIT)
    assert look(booted)[1] == "it does not start on boot"


def test_a_unit_that_was_changed_is_read_again_on_demand(booted, install):
    install("exec sleep 1000")
    path = booted.path(f"/etc/systemd/system/{UNIT}")
    path.write_text(path.read_text().replace("[Install]", "Nice=1\n[Install]"))
    wait_for(booted, "NeedDaemonReload", "yes")
    verdict, found, _, done = look(booted)
    assert (verdict, found) == ("warning", "its unit was changed, and systemd works by the one before")
    assert done == "done: let systemd read its units again (systemctl daemon-reload)"
    assert look(booted) == ["ok", "active", "", None]
