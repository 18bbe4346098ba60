"""The Debian package of this tree, built as `make deb` does, but without a network and hardly compressed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.wheels import REPOSITORY, checkout, wheelhouse_or_skip

_BUILD_S = 600


def package_or_skip(folder: Path) -> Path:
    """The .deb below `folder`; the test is skipped, by name, where Debian's tools are not."""
    _skip_without_tools()
    wheels = wheelhouse_or_skip()
    tree = checkout(folder / "tree")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "EDGE_EMOTION_"))}
    environ |= {"WHEELS": str(wheels), "DEB_COMPRESSION": "-Zzstd -z1"}
    built = subprocess.run(
        ["bash", tree / "deploy" / "deb.sh"], env=environ, capture_output=True, text=True, timeout=_BUILD_S
    )
    assert built.returncode == 0, built.stderr
    shutil.rmtree(tree / "build")
    (found,) = (tree / "dist").iterdir()
    return found


def control(package: Path, field: str) -> str:
    """A field of the package's control file."""
    asked = subprocess.run(["dpkg-deb", "--field", package, field], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


def _skip_without_tools() -> None:
    if shutil.which("dpkg-checkbuilddeps") is None:
        pytest.skip("no dpkg-checkbuilddeps: apt install dpkg-dev")
    rules = REPOSITORY / "deploy" / "debian" / "control"
    asked = subprocess.run(["dpkg-checkbuilddeps", rules], capture_output=True, text=True)
    if asked.returncode:
        pytest.skip(f"no Debian package can be built here: {asked.stderr.strip()}")
