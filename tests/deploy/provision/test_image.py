"""An image is provisioned, looked at, and made as it was before, by the command."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.deploy.provision.command import deploy, tree

CONFIG = "/etc/edge-emotion/config.toml"
UNIT = "/etc/systemd/system/edge-emotion.service"
WANTED = "/etc/systemd/system/multi-user.target.wants/edge-emotion.service"
COMMAND = "/usr/local/bin/edge-emotion"

pytestmark = pytest.mark.timeout(200)


def test_all_of_it_there_and_back(image, source):
    before = tree(image)
    planned = deploy(image, "provision", source, "--camera", "csi:0", "--no-broker", "--dry-run")
    assert planned.status == 0
    assert tree(image) == before, "a dry run changes nothing"

    done = deploy(image, "provision", source, "--camera", "csi:0", "--no-broker")
    assert (done.status, done.complaint) == (0, "")
    assert image.path(CONFIG).read_text() == 'camera = "csi:0"\n'
    assert "/opt/edge-emotion/current/bin/edge-emotion run" in image.path(UNIT).read_text()
    assert image.path(WANTED).is_symlink()
    assert str(image.path(COMMAND).readlink()) == "/opt/edge-emotion/current/bin/edge-emotion"
    for changed in (CONFIG, UNIT, COMMAND):
        assert changed in planned.told, "the dry run has told it"

    after = tree(image)
    again = deploy(image, "provision", source, "--no-broker")
    assert again.status == 0
    assert " done (" not in again.told
    assert tree(image) == after, "the second time changes nothing"
    assert deploy(image, "provision", source, "--no-broker", "--dry-run").told == "nothing to do\n"

    told = deploy(image, "remove", "--dry-run").told
    assert tree(image) == after
    assert UNIT in told
    done = deploy(image, "remove")
    assert (done.status, done.complaint) == (0, "")
    left = {path for path, content in tree(image).items() if before.get(path) != content}
    assert left - {"etc/edge-emotion"} == {CONFIG[1:]}
    assert set(before) <= set(tree(image))
    assert CONFIG in done.told, "and it says what it leaves"


def test_in_json_with_a_password_and_taken_back_whole(image, source, tmp_path):
    before = tree(image)
    assert deploy(image, "status").status == 1
    password = tmp_path / "password"
    password.write_text("a secret\n")
    done = deploy(image, "provision", source, "--no-broker", "--json", "--mqtt-password-file", password)
    lines = [json.loads(line) for line in done.told.splitlines()]
    changed = [line["step"] for line in lines if line.get("changed")]
    assert {"release", "configuration", "units", "service"} <= set(changed)
    assert lines[-1]["state"]["finished"] is True

    placed = image.path("/etc/edge-emotion/mqtt-password")
    assert placed.read_text() == "a secret\n"
    assert placed.stat().st_mode & 0o777 == 0o600
    receipt = image.path("/opt/edge-emotion/receipt.json").read_text()
    assert "a secret" not in done.told + receipt
    assert hashlib.sha256(b"a secret\n").hexdigest() not in receipt, "everybody may read it, and try passwords on that"

    facts = json.loads(deploy(image, "status", "--json").told)
    assert facts["installed"] is facts["finished"] is True
    assert facts["release"] == facts["releases"][0]
    assert facts["release"].startswith("1.0-")
    assert facts["units"]["edge-emotion.service"]["enabled"] is True
    assert "edge-emotion.service: enabled" in deploy(image, "status").told

    done = deploy(image, "remove", "--purge")
    assert "nothing is left" in done.told
    assert tree(image) == before


def test_what_is_the_users_stays(image, source):
    image.path("/etc/edge-emotion").mkdir(exist_ok=True)
    image.path(CONFIG).write_text('camera = "none"\n')
    image.path(COMMAND).parent.mkdir(parents=True, exist_ok=True)
    image.path(COMMAND).write_text("#!/bin/sh\n")
    done = deploy(image, "provision", source, "--camera", "0", "--no-broker")
    assert done.status == 0
    assert image.path(CONFIG).read_text() == 'camera = "none"\n'
    assert f"{CONFIG} is there and stays" in done.told
    assert f"{COMMAND} is something else and stays" in done.told
    image.path(UNIT).write_text(image.path(UNIT).read_text() + "# mine\n")
    again = deploy(image, "provision", source, "--no-broker")
    assert f"{UNIT} was changed by hand and stays" in again.told
    done = deploy(image, "remove", "--purge")
    assert f"{UNIT}: it was changed since" in done.told
    assert image.path(UNIT).read_text().endswith("# mine\n")
    assert image.path(COMMAND).read_text() == "#!/bin/sh\n"
