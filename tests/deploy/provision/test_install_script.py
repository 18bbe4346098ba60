"""deploy/install.sh, before there is a Python to run the rest."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.conftest import REPOSITORY
from tests.deploy.provision.command import SYSTEM_PYTHON, tree
from tests.wheels import checkout

SCRIPT = "/srv/checkout/deploy/install.sh"


def install(image, *options):
    """On the image, as its root."""
    command = ("chroot", str(image.root), "/bin/sh", SCRIPT, *options)
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def refused(done, *said):
    assert done.returncode == 1
    assert done.stderr.startswith("install.sh: ")
    assert done.stderr.count("\n") == 1
    for words in said:
        assert words in done.stderr


@pytest.fixture
def furnished(image):
    checkout(image.path("/srv/checkout"))
    return image


def test_without_a_python_a_dry_run_changes_nothing(furnished):
    furnished.path(SYSTEM_PYTHON).unlink()
    before = tree(furnished)
    refused(install(furnished, "--dry-run"), SYSTEM_PYTHON, "apt-get install python3")
    assert tree(furnished) == before
    furnished.path("/usr/bin/apt-get").unlink()
    refused(install(furnished), "no apt-get", "3.10")


def test_an_old_python_is_named(furnished):
    python = furnished.path(SYSTEM_PYTHON)
    python.unlink()
    python.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.8.10\nexit 1\n')
    python.chmod(0o755)
    refused(install(furnished), "Python 3.8.10", "3.10 or newer", "JetPack 6")


def test_alone_it_asks_for_the_rest(tmp_path):
    script = tmp_path / "install.sh"
    script.write_text((REPOSITORY / "deploy" / "install.sh").read_text())
    done = subprocess.run(["sh", script], capture_output=True, text=True, timeout=60, check=False)
    refused(done, "no checkout around")


def test_root_runs_nothing_of_the_folder_that_it_stands_in(tmp_path):
    """Which may be everybody's, like /tmp."""
    for module in ("argparse", "json", "edge", "sitecustomize"):
        (tmp_path / f"{module}.py").write_text(f"open('{tmp_path}/ran', 'a').write(__name__)\n")
    command = ["sh", REPOSITORY / "deploy" / "install.sh", "--help"]
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout[:29]) == (0, "usage: edge-deploy provision "), done.stderr
    assert not (tmp_path / "ran").exists()
