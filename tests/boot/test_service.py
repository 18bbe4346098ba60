"""The daemon's unit under a real systemd: started by the boot, killed, hung, without broker, misled, looping."""

from __future__ import annotations

import re
import time

import pytest

from tests.boot import provisioned
from tests.boot.machine import until
from tests.boot.service import Service
from tests.boot.subscriber import subscribed

BACK_S = 5.0
CONFIG_EXIT = 78
START_LIMIT = 10


pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def booted(demo_clip_path):
    with provisioned.booted(demo_clip_path) as made:
        provisioned.install(made, "--no-start")
        provisioned.make_stages_hang_on_demand(made)
        made.boot()
        yield made


@pytest.fixture(scope="module")
def client(booted):
    with subscribed(booted) as subscriber:
        yield subscriber


@pytest.fixture
def service(booted):
    service = Service(booted)
    service.settle()
    return service


def test_it_starts_with_the_machine_and_a_client_hears_results(booted, client):
    service = Service(booted)
    client.first("emotion")
    service.wait_until_active()
    assert service.restarts == 0
    assert "broker connected" in service.show("StatusText")


def test_ready_comes_with_the_first_result_and_not_before(service, client):
    service.ctl("restart")
    first = client.first("emotion", after_s=service.started_s)
    assert service.started_s < first.json()["t_ns"] / 1e9 < service.ready_s


def test_killed_it_is_back_within_five_seconds(service, client):
    killed_s = time.monotonic()
    service.ctl("kill", "--signal=KILL")
    service.wait_for_restart(0)
    back = client.first("emotion", after_s=service.started_s)
    print(
        f"killed: started again after {service.started_s - killed_s:.1f} s, a result after {back.at_s - killed_s:.1f} s"
    )
    assert service.started_s - killed_s < BACK_S


def test_a_hung_stage_ends_in_the_watchdog_and_tells_where_every_thread_was(service, client):
    hung = service.pid
    service.machine.run("sh", "-c", f"printf {hung} >/run/hold-process")
    service.wait_for_restart(0)
    assert service.entries("UNIT_RESULT=watchdog")
    stacks = "\n".join(str(e["MESSAGE"]) for e in service.entries(f"_PID={hung}"))
    for place in ("stuck_in_the_test", "_tick", "_hear", "_judge", "_watch"):
        assert f" in {place}" in stacks
    assert client.first("emotion", after_s=service.started_s)


def test_without_its_broker_it_goes_on_and_is_heard_again_when_that_is_back(service, client):
    before = service.pid
    service.machine.run("systemctl", "stop", "mosquitto")
    until(lambda: "broker connected" not in service.show("StatusText"), "the status tells that the broker is gone")
    assert service.active()
    back_s = time.monotonic()
    service.machine.run("systemctl", "start", "mosquitto")
    assert client.first("emotion", after_s=back_s)
    assert (service.pid, service.restarts) == (before, 0)


def test_the_journal_has_the_states_of_the_streams_as_fields(service):
    (online, *_) = service.entries("EDGE_STATUS=video", "EDGE_STATE=online")
    assert online["SYSLOG_IDENTIFIER"] == "edge-emotion"
    assert online["PRIORITY"] == "6"
    assert online["LOGGER"].startswith("edge.")
    assert online["EDGE_DEVICE_ID"] == "desk"


def test_a_reload_applies_what_can_be_and_refuses_what_is_wrong(service):
    before, running = service.config, service.pid
    try:
        service.config = 'log_level = "debug"\n' + before
        service.ctl("reload")
        until(lambda: any("reloaded: log_level" in line for line in service.said()), "it is applied")
        service.config = 'log_level = "loud"\n' + before
        assert "failed" in service.ctl("reload", check=False), "the one who asks is told"
        assert any("log_level in /etc/edge-emotion/config.toml is 'loud'" in line for line in service.said())
        service.ctl("kill", "--signal=HUP")  # past systemd's check: the daemon looks for itself
        until(lambda: any("the settings stay as they were" in line for line in service.said()), "it is refused")
        assert (service.active(), service.pid) == (True, running)
    finally:
        service.config = before


def test_a_wrong_config_fails_once_in_one_sentence(service):
    before = service.config
    service.config = 'broker = "mqtt:/localhost"\n' + before
    try:
        began = len(service.said())
        service.ctl("restart", check=False)
        time.sleep(3.0)  # three times RestartSec
        assert service.show("ActiveState") == "failed"
        assert (service.show("ExecMainStatus"), service.restarts) == (str(CONFIG_EXIT), 0)
        told = [line for line in service.said()[began:] if re.search(r"\bbroker\b", line)]
        assert len(told) == 1
    finally:
        service.config = before


def test_a_crash_loop_ends_at_the_start_limit(service):
    service.ctl("stop")
    service.ctl("reset-failed", check=False)
    service.machine.run("sh", "-c", "printf crash >/run/hold-process")
    try:
        service.ctl("start", check=False)
        until(lambda: any("repeated too quickly" in line for line in service.said()), "it is given up", pause_s=0.5)
        assert service.show("ActiveState") == "failed"
        assert service.restarts == START_LIMIT
    finally:
        service.machine.run("rm", "/run/hold-process")
    service.ctl("reset-failed")
    service.ctl("start")
    assert service.active()
