"""Install, upgrade, a bad upgrade, and remove, on a machine that runs a real systemd."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest

from deploy.steps import STEPS
from tests.boot import provisioned
from tests.boot.machine import until
from tests.boot.service import CONFIG, Service
from tests.boot.subscriber import subscribed
from tests.boot.tree import differences, written
from tests.wheels import checkout

pytestmark = pytest.mark.timeout(300)

NEWER = "9.0.0"
WEB = "edge-emotion-web.service"
STATE = "/var/lib/edge-emotion"
HEALTH = "http://127.0.0.1:8088/healthz"
MARK = "# mine\n"


@pytest.fixture(scope="module")
def machine(demo_clip_path):
    with provisioned.booted(demo_clip_path) as made:
        yield made


@pytest.fixture(scope="module")
def before(machine):
    checkout(machine.path(f"/usr/src/{NEWER}"), NEWER)
    return written(machine.changes)


@pytest.fixture(scope="module")
def installed(machine, before):
    """What install.sh said."""
    return provisioned.install(machine, "--web")


def test_it_leaves_a_running_service(machine, installed):
    service = Service(machine)
    assert f"{len(STEPS)}/{len(STEPS)}" in installed.stdout
    assert service.active()
    assert machine.run("edge-deploy", "status").stdout.startswith("installed  yes")
    assert f'device_id = "{provisioned.DEVICE}"' in machine.path(CONFIG).read_text()


def test_the_web_process_runs_beside_it(machine, installed):
    assert Service(machine, WEB).active()
    asked = ("curl", "--silent", "--show-error", "--fail", HEALTH)
    until(lambda: json.loads(machine.run(*asked).stdout)["status"] == "ok", "it has found the device")


def test_a_second_time_there_is_nothing_to_do(machine, installed):
    service = Service(machine)
    running = service.pid
    said = provisioned.install(machine, "--web").stdout
    assert [line for line in said.splitlines() if " done " in line] == []
    assert service.pid == running


def test_an_upgrade_keeps_the_settings_and_the_switch(machine, installed):
    config = machine.path(CONFIG)
    config.write_text(config.read_text() + MARK)
    machine.run("edge-emotion", "disable")
    machine.run("edge-deploy", "provision", f"/usr/src/{NEWER}", "--wheels", provisioned.WHEELS, timeout_s=300)
    assert NEWER in machine.run("edge-emotion", "--version").stdout
    assert config.read_text().endswith(MARK)
    with subscribed(machine) as client:
        assert client.retained("enabled/state").payload == "OFF"
        machine.run("edge-emotion", "enable")
        assert client.first("emotion")


def test_remove_leaves_what_it_names_and_nothing_else(machine, before, installed):
    said = machine.run("edge-deploy", "remove").stdout
    left = {line.split(":")[0] for line in differences(before, written(machine.changes))}
    named = {CONFIG, STATE}
    assert {path for path in named if path in said} == named
    assert {path for path in left if not is_below(path, named)} == set()
    assert left


def is_below(path, named):
    """Whether it is one of them, in it or on the way to it; systemd keeps a passing user's state in `private`."""
    asked = PurePosixPath("/", path.replace("var/lib/private", "var/lib"))
    return any(asked.is_relative_to(name) or PurePosixPath(name).is_relative_to(asked) for name in named)
