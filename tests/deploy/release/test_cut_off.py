"""An upgrade that is cut off at each of its steps, as by a power cut, and given again."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from deploy.receipt import Receipt
from deploy.steps import STEPS
from deploy.system_python import SYSTEM_PYTHON
from tests.conftest import REPOSITORY
from tests.deploy.release.image import Image
from tests.deploy.release.tiny import tiny_wheel

_WAIT_S = 120
# What it tells of its steps is where it is hit: from outside the blow would come some steps later.
_CUT = """
import json, os, signal, sys
from deploy.cli import main
from deploy.reporter import JsonReporter
tell = JsonReporter.begin
def begin(self, number, count, name):
    tell(self, number, count, name)
    if name == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)
JsonReporter.begin = begin
sys.exit(main(sys.argv[2:]))
"""
_OF_GROUPADD = {Path("/etc/.pwd.lock"), Path("/etc/group-"), Path("/etc/gshadow-")}
"""Its lock and its backups stay, whoever calls it."""


def test_an_upgrade_goes_on_wherever_it_was_cut_off(image: Image, tmp_path):
    old, new = tiny_wheel(tmp_path, "1.0"), tiny_wheel(tmp_path, "2.0")
    assert _deploy(image, "provision", old, cut_at="") == 0
    config = image.path("/etc/edge-emotion/config.toml")
    config.write_text(config.read_text() + "# mine\n")
    for step in STEPS:
        assert _deploy(image, "provision", new, cut_at=step.name) == -signal.SIGKILL
        assert _version(image) in {"1.0", "2.0"}, "whatever is in force works"
        assert Receipt.load(image.host).names("releases")
    assert _version(image) == "2.0", "the switch came before the last step"
    assert _deploy(image, "provision", new, cut_at="") == 0
    assert Receipt.load(image.host).finished
    assert sorted(name.partition("-")[0] for name in image.releases.names) == ["1.0", "2.0"]
    assert config.read_text().endswith("# mine\n")


def test_a_removal_goes_on_wherever_it_was_cut_off(image: Image, tmp_path):
    assert _deploy(image, "provision", tiny_wheel(tmp_path, "1.0"), cut_at="") == 0
    for step in reversed(STEPS):
        if image.path("/opt/edge-emotion/receipt.json").exists():
            _deploy(image, "remove", "--purge", cut_at=step.name)
    if image.path("/opt/edge-emotion").exists():
        assert _deploy(image, "remove", "--purge", cut_at="") == 0
    assert {path for path in image.written() if not _is_as_here(image, path)} <= _OF_GROUPADD


def _deploy(image: Image, command: str, *words: str | Path, cut_at: str) -> int:
    """Its exit status; killed as soon as it begins the step `cut_at`."""
    options = ["--no-broker", "--wheels", words[0].parent] if isinstance(words[0], Path) else []
    return subprocess.run(
        [SYSTEM_PYTHON, "-c", _CUT, cut_at, command, "--root", image.root, "--json", *words, *options],
        cwd=REPOSITORY,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        timeout=_WAIT_S,
        check=False,
    ).returncode


def _is_as_here(image: Image, path: Path) -> bool:
    return path.exists() and image.path(str(path)).read_bytes() == path.read_bytes()


def _version(image: Image) -> str:
    return image.host.run("/opt/edge-emotion/current/bin/edge-emotion", "version", timeout_s=30).split()[1]
