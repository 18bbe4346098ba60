"""The service's units, judged by systemd itself."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess

import pytest

from tests.conftest import REPOSITORY

DAEMON, WEB = "edge-emotion.service", "edge-emotion-web.service"
MOST_EXPOSURE_TENTHS = {DAEMON: 15, WEB: 12}


def analyze(*words):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    return subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True, check=False)


def unit(name):
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str
    parsed.read(REPOSITORY / "systemd" / name)
    return parsed


@pytest.fixture(params=[DAEMON, WEB])
def startable(request, tmp_path):
    """The same unit with a command that exists on this machine, which is the only thing verify may not know."""
    text = (REPOSITORY / "systemd" / request.param).read_text()
    path = tmp_path / request.param
    path.write_text(re.sub(r"^Exec(Start|Reload)=\S+", r"Exec\1=/bin/true", text, flags=re.MULTILINE))
    return path


def test_systemd_has_nothing_to_say_about_it(startable):
    done = analyze("verify", startable)
    about_it = [line for line in done.stderr.splitlines() if startable.name in line]
    assert done.returncode == 0
    assert about_it == []


def test_verify_would_have_said_something(startable):
    startable.write_text(startable.read_text().replace("DynamicUser=", "DynamikUser="))
    assert "DynamikUser" in analyze("verify", startable).stderr


def test_its_exposure_is_low(startable):
    most = MOST_EXPOSURE_TENTHS[startable.name]
    done = analyze("security", "--offline=true", f"--threshold={most}", startable)
    assert done.returncode == 0, done.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", [DAEMON, WEB])
def test_what_cannot_heal_is_not_restarted(name):
    assert unit(name)["Service"]["RestartPreventExitStatus"].split() == ["64", "78"]


@pytest.mark.parametrize("name", [DAEMON, WEB])
def test_no_dump_of_memory_is_left_on_the_disk(name):
    assert unit(name)["Service"]["LimitCORE"] == "0"


def test_a_compiler_that_runs_out_of_memory_does_not_end_the_service():
    assert unit(DAEMON)["Service"]["OOMPolicy"] == "continue"


def test_the_web_process_has_no_device_and_no_group_of_one():
    service = unit(WEB)["Service"]
    assert service["PrivateDevices"] == "yes"
    assert not {"DeviceAllow", "SupplementaryGroups", "StateDirectory"} & set(service)
