"""`doctor --as-service` under a real systemd: the rights of the unit in force, its drop-ins included."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from edge.doctor.as_service import service_command
from edge.errors import EdgeError
from tests import boards
from tests.boot.machine import machine as booting

REPOSITORY = Path(__file__).parents[3]
SHIPPED = (REPOSITORY / "systemd" / "edge-emotion.service").read_text()
PROGRAM = "/usr/local/bin/tells-its-rights"
TELLS = """#!/usr/bin/python3
import json, os, pathlib, pwd, sys
def text(name):
    path = pathlib.Path(os.environ.get("CREDENTIALS_DIRECTORY", "/nowhere"), name)
    return path.read_text() if path.exists() else None
def refused(path):
    try:
        open(path, "w").close()
    except OSError as error:
        return error.strerror
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
json.dump({
    "arguments": sys.argv[1:], "user": pwd.getpwuid(os.getuid()).pw_name,
    "groups": [path.name for path in sorted(pathlib.Path("/srv").iterdir()) if os.access(path, os.R_OK)],
    "state": os.environ.get("STATE_DIRECTORY"), "cuda": os.environ.get("CUDA_CACHE_PATH"),
    "given": os.environ.get("EDGE_EMOTION_CAMERA"),
    "password": text("mqtt-password"), "etc": refused("/etc/x"), "own": refused(os.environ["STATE_DIRECTORY"] + "/x"),
    "home": sorted(os.listdir("/root")) if os.access("/root", os.R_OK) else "closed",
    "capabilities": int(status["CapBnd"], 16), "filtered": int(status["Seccomp"]),
    "devices": sorted(name for name in ("kmsg", "null") if os.access("/dev/" + name, os.R_OK)),
}, sys.stdout)
sys.exit(1)
"""
DROP_IN = "[Service]\nEnvironment=EDGE_EMOTION_CAMERA=none\nSupplementaryGroups=dialout\n"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def machine():
    with booting(f"--bind-ro={REPOSITORY}") as made:  # a checkout in /tmp is not seen there else
        made.write("/etc/systemd/system/edge-emotion.service", _with_program(SHIPPED))
        made.write("/etc/systemd/system/edge-emotion.service.d/more.conf", DROP_IN)
        made.write("/etc/edge-emotion/mqtt-password", "hush\n", 0o600)
        made.write(PROGRAM, TELLS, 0o755)
        made.boot()
        made.run("groupadd", "--force", "--system", "render")
        for group in ("audio", "dialout", "disk", "render", "video"):
            made.run("install", "-g", group, "-m", "0640", "/dev/null", f"/srv/{group}")
        yield made


def doctor(machine, *words):
    command = [sys.executable, "-m", "edge.cli", "doctor", "--as-service", *words]
    return machine.run("sh", "-c", f"cd {shlex.quote(str(REPOSITORY))} && exec {shlex.join(command)}", check=False)


def test_it_is_the_services_program_with_the_services_rights(machine):
    done = doctor(machine, "--json", "--no-devices", "--engine", "onnx")
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert done.returncode == 1, "the exit code is the other doctor's"
    assert told["arguments"] == ["doctor", "--json", "--no-devices", "--engine", "onnx"]
    assert told["user"] == "edge-emotion"
    assert told["groups"] == ["audio", "dialout", "render", "video"], (
        "PrivateUsers= hides their names, not their rights"
    )
    assert told["state"] == "/var/lib/edge-emotion"
    assert told["cuda"] == "/var/cache/edge-emotion/cuda"
    assert told["given"] == "none"
    assert told["password"] == "hush\n"
    assert (told["etc"], told["own"]) == ("Read-only file system", None)
    assert told["home"] in ([], "closed")
    assert (told["capabilities"], told["filtered"]) == (0, 2)
    assert told["devices"] == ["null"]


def test_without_a_password_the_unit_gives_none(machine):
    machine.path("/etc/edge-emotion/mqtt-password").unlink()
    assert json.loads(doctor(machine).stdout)["password"] == "\n"


def test_nothing_of_it_stays(machine):
    doctor(machine)
    units = machine.run("systemctl", "list-units", "--all", "--no-legend", "--type=service", "run-*").stdout
    assert units.strip() == ""


def test_without_a_unit_it_is_one_sentence(tmp_path):
    with pytest.raises(EdgeError, match="there is none: sudo edge-deploy provision installs it"):
        service_command(["doctor"], tmp_path)


def test_without_systemd_it_is_one_sentence(tmp_path):
    if Path("/run/systemd/system").is_dir():
        pytest.skip("systemd runs here")
    root = boards.write(tmp_path, {"etc/systemd/system/edge-emotion.service": SHIPPED})
    with pytest.raises(EdgeError, match="needs systemd"):
        service_command(["doctor"], root)


def _with_program(unit: str) -> str:
    lines = [f"ExecStart={PROGRAM} run" if line.startswith("ExecStart=") else line for line in unit.splitlines()]
    return "\n".join(lines) + "\n"
