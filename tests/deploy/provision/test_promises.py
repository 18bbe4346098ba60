"""A dry run tells each change, a removal deletes nothing else, and an image's links do not lead out of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.deploy.provision.command import deploy, tree
from tests.deploy.provision.test_faults import refused

HOME = "/opt/edge-emotion"
STATE = "/var/lib/edge-emotion"
_OF_GROUPS = {"/etc/group", "/etc/gshadow"}

pytestmark = pytest.mark.timeout(200)


def test_nothing_is_changed_but_what_the_dry_run_tells(image, source):
    before = tree(image)
    options = (source, "--no-broker", "--web")
    planned = json.loads(deploy(image, "provision", *options, "--dry-run", "--json").told)
    assert deploy(image, "provision", *options).status == 0
    changed = {f"/{path}" for path, content in tree(image).items() if before.get(path) != content}
    words = [word.strip("():") for lines in planned.values() for line in lines for word in line.split()]
    told = [Path(word) for word in words if word.startswith("/")] + [Path(f"{HOME}/current")]
    untold = {path for path in changed if not any(_covers(named, Path(path)) for named in told)}
    assert untold <= (_OF_GROUPS if "groups" in planned else set())
    written = {word for word in words if word.startswith(("/etc/systemd/system/edge", "/usr/local/bin"))}
    assert written <= changed, "and it tells no more than that"


def _covers(named: Path, path: Path) -> bool:
    """What is below it, and the folders that it needs."""
    return path.is_relative_to(named) or named.is_relative_to(path)


def test_what_is_not_ours_stays_and_is_named(image, source):
    deploy(image, "provision", source, "--no-broker", "--brought", "python3")
    image.path(f"{HOME}/notes").write_text("mine\n")
    image.path("/etc/edge-emotion/ca.pem").write_text("mine\n")
    image.path(STATE).mkdir()
    planned = json.loads(deploy(image, "remove", "--dry-run", "--json").told)
    assert {"/etc/edge-emotion/config.toml", STATE} <= set(planned["leave"])
    assert f"{HOME}/receipt.json" not in str(planned)
    done = deploy(image, "remove")
    for kept in ("python3", "notes", "/etc/edge-emotion/config.toml", STATE):
        assert kept in done.told
    assert image.path(f"{HOME}/notes").read_text() == "mine\n"
    assert sorted(path.name for path in image.path(HOME).iterdir()) == ["notes"]

    refused(deploy(image, "remove"), 1, "nothing to remove", "--purge")
    assert deploy(image, "remove", "--purge").status == 0
    assert not image.path(STATE).exists()
    assert [path.name for path in image.path("/etc/edge-emotion").iterdir()] == ["ca.pem"]


def test_links_of_an_image_lead_inside_it(image, source, tmp_path):
    outside = tmp_path / "data"
    outside.mkdir()
    inside = image.path(str(outside))  # the image is a view of this disk
    shutil.rmtree(image.path("/opt"))
    image.path("/opt").symlink_to(outside)
    assert deploy(image, "provision", source, "--no-broker").status == 0
    assert list(outside.iterdir()) == []
    assert (inside / "edge-emotion" / "receipt.json").exists()
    assert deploy(image, "remove", "--purge").status == 0
    assert list(inside.iterdir()) == []


def test_what_stands_in_the_way_is_told_first(image, source):
    def provisions(*said: str) -> None:
        before = tree(image)
        refused(deploy(image, "provision", source), 1, *said)
        assert tree(image) == before

    current = image.path(f"{HOME}/current")
    current.mkdir(parents=True)
    provisions(f"{HOME}/current is there", "move it away")
    shutil.rmtree(current.parent)

    image.path("/var/lib/dpkg/status").write_text("")
    image.path("/usr/bin/apt-get").unlink()
    provisions("no apt-get", "python3-venv", "by its own means")

    image.path("/usr/bin/systemctl").unlink()
    provisions("no systemctl", "use a system that has it")


def test_the_web_process_is_a_command_where_it_was_asked_for(image, source):
    command = image.path("/usr/local/bin/edge-emotion-web")
    assert deploy(image, "provision", source, "--no-broker").status == 0
    assert not command.is_symlink()
    assert deploy(image, "provision", source, "--no-broker", "--web").status == 0
    assert str(command.readlink()) == f"{HOME}/current/bin/edge-emotion-web"

    image.path(f"{HOME}/receipt.part").write_text("of one that was killed")
    image.path("/etc/edge-emotion/.config.toml.part").write_text("of one that was killed")
    receipt = image.path(f"{HOME}/receipt.json")
    facts = json.loads(receipt.read_text())
    receipt.write_text(json.dumps({**facts, "units": [], "finished": False}))  # as if cut right after enabling
    assert deploy(image, "provision", source, "--no-broker").status == 0
    assert set(json.loads(receipt.read_text())["units"]) == set(facts["units"])

    image.path(f"{HOME}/receipt.part").write_text("of one that was killed")
    done = deploy(image, "remove", "--purge")
    assert (done.status, done.complaint) == (0, "")
    assert "nothing is left" in done.told
    assert not image.path(HOME).exists()
    assert not command.is_symlink()
