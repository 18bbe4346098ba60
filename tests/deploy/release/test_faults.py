"""What goes wrong while a release is made: one sentence with its remedy, and nothing half changed."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
import textwrap

import pytest

from deploy.step import DeployError
from deploy.steps import release as release_step
from deploy.steps.release import ReleaseStep
from tests.conftest import REPOSITORY
from tests.deploy.release.image import Image
from tests.deploy.release.tiny import tiny_wheel

_CHILD_S = 60
_PROVISION = textwrap.dedent("""
    import sys
    from pathlib import Path
    from tests.deploy.release.image import Image

    image = Image(Path(sys.argv[1]))
    site = image.site(Path(sys.argv[2]))
    site.progress = lambda fraction, words: print(words, flush=True)
    from tests.deploy.release.image import STEPS
    for step in STEPS:
        step.run(site)
""")


def test_an_old_python_is_refused_before_anything_is_made(image: Image, tmp_path):
    python = image.path("/usr/bin/python3")
    newer = python.readlink()
    python.unlink()
    old = "import sys; sys.version_info = (3, 8, 10); exec(sys.argv[2])"
    python.write_text(f"#!/bin/sh\nexec {newer} -c '{old}' \"$@\"\n")
    python.chmod(0o755)
    with pytest.raises(DeployError, match=r"/usr/bin/python3 is 3\.8\.10, 3\.10 or newer is needed: use JetPack 6"):
        ReleaseStep().run(image.site(tiny_wheel(tmp_path, "1.0")))
    assert image.releases.names == []


def test_a_disk_without_room_is_told_before_anything_is_made(image: Image, tmp_path):
    image.mount("/opt/edge-emotion", "50m")
    with pytest.raises(DeployError, match=r"has 5\d MB left, a release needs 1300 MB: make room there"):
        ReleaseStep().run(image.site(tiny_wheel(tmp_path, "1.0")))
    assert list(image.path("/opt/edge-emotion").iterdir()) == []


def test_a_disk_that_fills_up_on_the_way_leaves_the_release_in_force(image: Image, tmp_path, monkeypatch):
    monkeypatch.setattr(release_step, "_ROOM_BYTES", 0)
    first, second = tiny_wheel(tmp_path, "1.0"), tiny_wheel(tmp_path, "2.0")
    image.mount("/opt/edge-emotion", "100m")
    image.provision(first)
    name = image.releases.in_force
    image.mount("/opt/edge-emotion", "24m")
    with pytest.raises(DeployError, match=r"make (sure that the disk has )?room"):
        image.provision(second)
    assert image.releases.names == [name]
    assert image.releases.in_force == name


def test_an_index_that_cannot_be_reached_is_told(image: Image, tmp_path):
    for inside in ("/etc/pip.conf", "/root/.pip/pip.conf", "/root/.config/pip/pip.conf"):
        settings = image.path(inside)
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("[global]\nindex-url = http://127.0.0.1:9/simple\nretries = 1\n")
    source = tiny_wheel(tmp_path, "1.0", requires=["numpy"])
    site = image.site(source)
    site.wishes = dataclasses.replace(site.wishes, wheels=None)
    with pytest.raises(DeployError, match="index cannot be reached; run this again when the network is back"):
        ReleaseStep().run(site)
    assert image.releases.names == []


def test_a_folder_without_a_wheel_that_is_needed_is_told(image: Image, tmp_path):
    source = tiny_wheel(tmp_path, "1.0", requires=["numpy"])
    with pytest.raises(DeployError, match=r"for numpy; the folder .* lacks it: add its wheel there"):
        ReleaseStep().run(image.site(source))
    assert image.releases.names == []


def test_an_install_that_was_cut_off_is_finished_the_next_time(image: Image, tmp_path):
    """SIGKILL in the middle of pip's work, as from a power cut."""
    source = tiny_wheel(tmp_path, "1.0")
    child = subprocess.Popen(
        [sys.executable, "-c", _PROVISION, image.root, source], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert any(line.startswith("Collecting ") for line in child.stdout)
    child.send_signal(signal.SIGKILL)
    child.wait(_CHILD_S)
    assert image.releases.in_force is None
    image.provision(source)
    assert "1.0" in image.host.run("/opt/edge-emotion/current/bin/edge-emotion", "version", timeout_s=30)
    assert image.plan(source) == []
