"""Disk, power, heat, web port and secrets, against made-up boards and real sockets and files."""

from __future__ import annotations

import http.server
import json
import re
import socket
import threading

import pytest

from edge.doctor import Machine, Verdict
from edge.doctor.clock import ClockCheck
from edge.doctor.disk import DiskCheck
from edge.doctor.fix import applied
from edge.doctor.power_mode import PowerModeCheck
from edge.doctor.secrets import SecretsCheck
from edge.doctor.service import ServiceCheck
from edge.doctor.temperature import TemperatureCheck
from edge.doctor.web_port import WebPortCheck
from tests import boards
from tests.process.small_disk import tmpfs

HOST = "127.0.0.1"
MODES = "< PM_CONFIG DEFAULT=2 >\n" + "".join(
    f"< POWER_MODEL ID={number} NAME={name} >\n" for number, name in enumerate(("MAXN", "MODE_15W", "MODE_30W"))
)
COOLER = "sys/class/thermal/cooling_device"
ZONE = "sys/class/thermal/thermal_zone0"


@pytest.mark.parametrize(
    ("mode", "verdict"), [(0, Verdict.OK), (1, Verdict.WARNING), (2, Verdict.OK), (None, Verdict.NOT_APPLICABLE)]
)
def test_only_the_weakest_of_several_power_modes_is_doubted(mode, verdict, machine, tmp_path):
    status = {} if mode is None else {"var/lib/nvpmodel/status": f"pmode:000{mode}\n", "etc/nvpmodel.conf": MODES}
    finding = PowerModeCheck().run(machine(boards.write(tmp_path / "root", status)))
    assert finding.verdict is verdict
    if verdict is Verdict.WARNING:
        assert finding.found.startswith("MODE_15W")
        assert "sudo nvpmodel -m N (0 MAXN, 2 MODE_30W)" in finding.remedy


def test_a_board_with_one_power_mode_has_no_weaker_one(machine, tmp_path):
    files = {"var/lib/nvpmodel/status": "pmode:0000", "etc/nvpmodel.conf": "< POWER_MODEL ID=0 NAME=15W >\n"}
    assert PowerModeCheck().run(machine(boards.write(tmp_path / "root", files))).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("files", "verdict", "words"),
    [
        ({}, Verdict.NOT_APPLICABLE, "no thermal zone"),
        ({f"{ZONE}/temp": "48000", f"{ZONE}/type": "cpu-thermal"}, Verdict.OK, "cpu-thermal is at 48 °C"),
        ({f"{ZONE}/temp": "99000", f"{ZONE}/type": "cpu-thermal"}, Verdict.WARNING, "cpu-thermal is at 99 °C"),
        (
            {f"{COOLER}3/cur_state": "2", f"{COOLER}3/type": "cpufreq-cpu0"},
            Verdict.WARNING,
            "the kernel takes clock away by cpufreq-cpu0",
        ),
        (
            {f"{COOLER}1/cur_state": "3", f"{COOLER}1/type": "pwm-fan"},
            Verdict.NOT_APPLICABLE,
            "no thermal zone",
        ),
        (
            {"sys/class/hwmon/hwmon2/oc1_event_cnt": "0", "sys/class/hwmon/hwmon2/oc3_event_cnt": "17"},
            Verdict.WARNING,
            "slowed 17 times",
        ),
    ],
)
def test_heat_and_what_it_costs_are_told(files, verdict, words, machine, tmp_path):
    finding = TemperatureCheck().run(machine(boards.write(tmp_path / "root", files)))
    assert finding.verdict is verdict
    assert words in finding.found
    assert bool(finding.remedy) == (verdict is Verdict.WARNING)


def test_the_setting_says_when_a_board_is_hot(machine, tmp_path):
    root = boards.write(tmp_path / "root", {f"{ZONE}/temp": "48000", f"{ZONE}/type": "cpu-thermal"})
    assert TemperatureCheck().run(machine(root, **{"load.hot_c": 45.0})).verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("size=4g", r"4\.\d GB free in {}"),
        ("size=20m", r"{} has 2\d MB free; engines may need 300"),
        ("size=400m,nr_inodes=50", r"{} takes \d\d more files; engines may need 10000"),
    ],
)
def test_a_small_disk_is_a_warning_for_what_it_is_to_hold(options, words, machine, tmp_path):
    with tmpfs(tmp_path / "disk", options) as disk:
        finding = DiskCheck().run(machine(environ={"STATE_DIRECTORY": str(disk / "not" / "there")}))
    assert re.fullmatch(words.format(disk), finding.found), finding
    assert bool(finding.remedy) == (finding.verdict is Verdict.WARNING) == ("may need" in words)


def test_an_upgrade_needs_more_room_than_engines(machine, tmp_path):
    with tmpfs(tmp_path / "root", "size=1g") as root:
        (root / "state").mkdir()
        here = {"environ": {"STATE_DIRECTORY": str(root / "state")}}
        assert DiskCheck().run(machine(root, **here)).verdict is Verdict.OK
        (root / "opt/edge-emotion").mkdir(parents=True)
        assert "an upgrade may need 1500" in DiskCheck().run(machine(root, **here)).found


def test_the_clock_is_judged_without_an_error_and_never_fails(machine):
    finding = ClockCheck().run(machine())
    assert finding.verdict in {Verdict.OK, Verdict.WARNING}
    assert bool(finding.remedy) == (finding.verdict is Verdict.WARNING)


def test_a_systemd_that_does_not_answer_is_told_from_none(machine, tmp_path):
    assert ServiceCheck().run(machine()).found == "no systemd runs here"
    (tmp_path / "root/run/systemd/system").mkdir(parents=True)
    finding = ServiceCheck().run(machine())
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert "cannot be asked from here" in finding.found


@pytest.fixture
def with_web(machine, tmp_path):
    pytest.importorskip("uvicorn")
    pytest.importorskip("fastapi")
    return machine(boards.write(tmp_path / "web", {"etc/systemd/system/edge-emotion-web.service": "[Service]\n"}))


def test_a_free_web_port_is_fine_and_without_the_unit_nobody_asks(with_web, machine):
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
    assert WebPortCheck(port).run(with_web).found == f"{HOST}:{port} is free"
    assert WebPortCheck(port).run(machine()).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [({"status": "ok", "live_clients": 0}, Verdict.OK), ({"status": "ok"}, Verdict.WARNING), ([1], Verdict.WARNING)],
)
def test_who_answers_at_the_web_port_is_told_apart(answer, verdict, with_web):
    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_):
            """Says nothing."""

    with http.server.HTTPServer((HOST, 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        finding = WebPortCheck(server.server_port).run(with_web)
        server.shutdown()
    assert finding.verdict is verdict
    assert str(server.server_port) in finding.found


def test_a_secret_that_everybody_can_read_is_told_and_closed_on_demand(machine, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("hush\n")
    secret.chmod(0o644)
    here = machine(**{"mqtt.password_file": str(secret)})
    check = SecretsCheck()
    assert check.run(here).verdict is Verdict.WARNING
    fix = check.fix(here)
    assert secret.stat().st_mode & 0o777 == 0o644
    assert applied(fix) == f"done: take the rights of everybody from {secret}"
    assert secret.stat().st_mode & 0o777 == 0o640
    assert check.run(here).verdict is Verdict.OK
    assert check.fix(here) is None
    assert check.run(machine()).verdict is Verdict.NOT_APPLICABLE


def test_the_services_password_counts_too(machine, tmp_path):
    unit = "[Service]\nLoadCredential=mqtt-password:/etc/edge-emotion/mqtt-password\n"
    files = {"etc/systemd/system/edge-emotion.service": unit, "etc/edge-emotion/mqtt-password": "hush\n"}
    root = boards.write(tmp_path / "root", files)
    (root / "etc/edge-emotion/mqtt-password").chmod(0o604)
    assert SecretsCheck().run(machine(root)).verdict is Verdict.WARNING


@pytest.mark.parametrize(("protect", "verdict"), [("yes", Verdict.WARNING), ("no", Verdict.OK)])
def test_a_clock_that_the_service_cannot_see_is_told(monkeypatch, tmp_path, protect, verdict):
    monkeypatch.setattr("edge.doctor.clock.clock_synced", lambda: True)
    monkeypatch.setattr("edge.doctor.clock.timesyncd_says", lambda: False)
    unit = tmp_path / "etc/systemd/system/edge-emotion.service"
    unit.parent.mkdir(parents=True)
    unit.write_text(f"[Service]\nProtectClock={protect}\n")
    finding = ClockCheck().run(Machine(root=tmp_path))
    assert finding.verdict is verdict
    assert ("ProtectClock=no" in finding.remedy) is (verdict is Verdict.WARNING)
