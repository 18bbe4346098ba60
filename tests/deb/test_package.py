"""The Debian package: built, then installed, upgraded, removed and purged in a machine of its own, in this order."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import sys

import pytest

from tests.boot.machine import machine, until
from tests.clips import tone, write_clip
from tests.conftest import REPOSITORY
from tests.deb.package import control, package_or_skip

pytestmark = pytest.mark.timeout(900)

UNIT, WEB = "edge-emotion.service", "edge-emotion-web.service"
CURRENT = "/opt/edge-emotion/current"
CONFIG = "/etc/edge-emotion/config.toml"
STATE = "/var/lib/edge-emotion"
RECEIPT = "/opt/edge-emotion/receipt.json"
PACKAGE = "/srv/edge-emotion.deb"
# Where a package may leave something; what dpkg, systemd and the journal keep for themselves is theirs.
PLACES = ("/etc", "/opt", "/usr/bin", "/usr/share", "/usr/lib/sysusers.d", "/lib/systemd", "/var/cache", "/var/lib")
OTHERS = r"/var/lib/(dpkg|systemd|mosquitto)/|/etc/(g?shadow|group|passwd)-?$|/etc/\.pwd\.lock$"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return package_or_skip(tmp_path_factory.mktemp("deb"))


@pytest.fixture(scope="module")
def board(package, tmp_path_factory):
    """A booted machine without the group render, with the package and a clip in /srv; nothing is installed yet."""
    folder = tmp_path_factory.mktemp("clip")
    clip = write_clip(folder / "clip.mp4", seconds=4.0, size=(640, 480), sound=tone(4.0, 48_000))
    with machine() as made:
        made.path("/usr/sbin/policy-rc.d").unlink(missing_ok=True)  # containers' own: forbids to start services
        groups = made.path("/etc/group").read_text().splitlines(keepends=True)
        made.write("/etc/group", "".join(line for line in groups if not line.startswith("render:")))
        shutil.rmtree(made.path("/etc/edge-emotion"), ignore_errors=True)
        made.path(PACKAGE).write_bytes(package.read_bytes())
        made.path("/srv/clip.mp4").write_bytes(clip.read_bytes())
        made.boot()
        yield made


def tree(board):
    """All files and folders where a package may leave something."""
    found = board.run("find", *PLACES, "-xdev").stdout.splitlines()
    return {path for path in found if not re.search(OTHERS, path)}


def command(board, *words):
    """What root sees when it types `edge-emotion …`."""
    return board.run("env", "-i", "/usr/bin/edge-emotion", *words).stdout


@pytest.fixture(scope="module")
def before(board):
    return tree(board)


def test_it_needs_the_python_that_its_modules_are_for(package):
    needs = control(package, "Depends")
    low, high = (re.search(rf"python3 \({sign} (3\.\d+)\)", needs)[1] for sign in (">=", "<<"))
    assert int(high.split(".")[1]) == int(low.split(".")[1]) + 1
    assert {"libportaudio2", "libsystemd0", "libc6"} <= {need.split()[0] for need in needs.split(", ")}
    assert control(package, "Recommends") == "mosquitto"


def test_a_machine_that_edge_deploy_set_up_is_refused(board, before):
    board.write(RECEIPT, "{}")
    refused = board.run("dpkg", "--install", PACKAGE, check=False)
    assert refused.returncode != 0
    assert "edge-deploy remove" in refused.stderr
    board.path("/opt/edge-emotion").joinpath("receipt.json").unlink()
    board.path("/opt/edge-emotion").rmdir()
    assert tree(board) - before == set()


def test_installed_it_runs_and_waits_for_its_devices(board, before):
    board.run("dpkg", "--install", PACKAGE, timeout_s=300)
    assert board.show(UNIT, "ActiveState") == "active"
    assert board.show(UNIT, "UnitFileState") == "enabled"
    assert "video offline" in board.show(UNIT, "StatusText")
    assert board.show(WEB, "UnitFileState") == "disabled"
    assert board.show(WEB, "ActiveState") == "inactive"
    assert "edge-emotion.service: enabled, active" in board.run("env", "-i", "/usr/bin/edge-deploy", "status").stdout


def test_the_group_that_was_not_there_is_made(board):
    assert board.run("getent", "group", "render").returncode == 0


def test_its_config_changes_nothing_yet(board):
    command(board, "config", "check", CONFIG)
    assert command(board, "config", "show") == command(board, "config", "show", "--config", "/dev/null")


def test_every_command_is_found_and_answers(board):
    settings = configparser.ConfigParser()
    settings.read(REPOSITORY / "setup.cfg")
    lines = settings["options.entry_points"]["console_scripts"].split("\n")
    names = sorted(line.partition("=")[0].strip() for line in lines if line)
    assert sorted(path.name for path in board.path("/usr/bin").glob("edge-*")) == names
    for name in names:
        assert name in board.run("env", "-i", f"/usr/bin/{name}", "--help").stdout


def test_its_modules_are_its_own_and_the_systems_are_seen(board):
    script = "import sys, cv2, edge; print(edge.__file__, cv2.__file__, sys.path)"
    said = board.run(f"{CURRENT}/bin/python", "-P" if sys.version_info >= (3, 11) else "-B", "-c", script).stdout
    assert said.count(f"{CURRENT}/lib/python3.") >= 2
    assert "/usr/lib/python3/dist-packages" in said


def test_nothing_in_it_knows_where_it_was_built(board, package):
    place = str(package.parents[1])
    found = board.run("grep", "--recursive", "--files-with-matches", "--text", place, CURRENT, check=False)
    assert found.stdout == ""


def test_modules_are_compiled_already(board):
    script = "import edge.clock; print(edge.clock.__cached__)"
    (cached,) = board.run(f"{CURRENT}/bin/python", "-B", "-c", script).stdout.splitlines()
    assert board.path(cached).read_bytes()[4] == 1  # never compared with its source, whose date dpkg has changed


def test_results_of_a_clip_reach_the_broker(board):
    text = 'camera = "/srv/clip.mp4"\nmic = "/srv/clip.mp4"\nloop = true\ndevice_id = "desk"\n'
    board.write(CONFIG, text)
    board.run("systemctl", "restart", UNIT)
    heard = board.run("mosquitto_sub", "-C", "1", "-W", "30", "-t", "edge-emotion/desk/emotion").stdout
    assert json.loads(heard)["device"] == "desk"


def test_an_upgrade_keeps_config_and_privacy_switch(board):
    command(board, "disable")
    config, old = board.path(CONFIG).read_text(), board.show(UNIT, "MainPID")
    board.run("dpkg", "--install", PACKAGE, timeout_s=300)
    assert board.path(CONFIG).read_text() == config
    assert board.show(UNIT, "ActiveState") == "active"
    assert board.show(UNIT, "MainPID") != old
    assert board.run("cat", f"{STATE}/enabled").stdout == "OFF\n"
    until(lambda: "disabled" in board.show(UNIT, "StatusText"), "the service to say that it is off")


def test_removed_it_leaves_config_and_state(board):
    board.run("dpkg", "--remove", "edge-emotion", timeout_s=120)
    assert not board.path("/opt/edge-emotion").exists()
    assert board.show(UNIT, "ActiveState") == "inactive"
    assert board.path(CONFIG).is_file()
    assert board.run("cat", f"{STATE}/enabled").stdout == "OFF\n"


def test_purged_it_leaves_nothing(board, before):
    board.run("dpkg", "--purge", "edge-emotion", timeout_s=120)
    assert tree(board) - before == set()
    assert before - tree(board) == set()
