"""What is shipped: built once from the tracked and new files, as pip would."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.conftest import REPOSITORY

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy so that the tree stays clean; the build backend is the venv's own, no network."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("dist")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, tree)
    for name in ("edge", "engines", "deploy", "systemd", "tests"):
        shutil.copytree(REPOSITORY / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", out, tree]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_wheel_holds_the_three_packages_and_no_tests(names):
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name and ".data/" not in name}
    assert tops == {"edge", "engines", "deploy"}


def test_the_units_are_in_the_wheel(names):
    units = {name.split("/data/")[1] for name in names if name.endswith(".service")}
    assert units == {f"share/edge-emotion/systemd/{path.name}" for path in (REPOSITORY / "systemd").glob("*.service")}


def test_every_module_is_in_the_wheel(names):
    modules = [
        path.relative_to(REPOSITORY).as_posix()
        for package in ("edge", "engines", "deploy")
        for path in (REPOSITORY / package).rglob("*.py")
    ]
    assert sorted(set(modules) - set(names)) == []


def test_package_data_is_in_the_wheel(names):
    data = ["edge/py.typed"]
    for pattern in ("edge/publish/*.schema.json", "edge/infer/models/*.onnx", "edge/infer/models/*.json"):
        data += [path.relative_to(REPOSITORY).as_posix() for path in REPOSITORY.glob(pattern)]
    assert "edge/publish/emotion.schema.json" in data
    assert sorted(set(data) - set(names)) == []


def test_wheel_brings_its_commands_and_licence(wheel, names):
    (entry_points,) = [name for name in names if name.endswith("entry_points.txt")]
    assert any(name.endswith("LICENSE") for name in names)
    scripts = configparser.ConfigParser()
    with zipfile.ZipFile(wheel) as archive:
        scripts.read_string(archive.read(entry_points).decode())
    assert scripts["console_scripts"]["edge-emotion"] == "edge.cli:main"
    assert scripts["console_scripts"]["edge-engines"] == "engines.cli:main"
