"""The rules of imports, and that the device's code stands without the training's."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

_IMPORT_ALL_WITHOUT = """
import importlib, pkgutil, sys

class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "onnx", "onnxscript", "engines", "deploy", "shap", "captum"}:
            raise ModuleNotFoundError(f"{name} is behind the wall", name=name)

sys.meta_path.insert(0, Wall())
import edge
names = [m.name for m in pkgutil.walk_packages(edge.__path__, "edge.") if not m.name.endswith("__main__")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


@pytest.fixture(scope="module")
def settings():
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / "setup.cfg", encoding="utf-8")
    return parser


def run(*command):
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=110)


def test_every_module_of_edge_imports_without_torch():
    done = run(sys.executable, "-c", _IMPORT_ALL_WITHOUT)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 40


def test_the_floors_are_kept():
    done = run(Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo")
    assert done.returncode == 0, done.stdout


def test_every_module_of_edge_stands_on_a_floor(settings):
    floors = settings["importlinter:contract:floors"]["layers"].replace("|", " ").split()
    modules = {path.stem for path in (REPOSITORY / "edge").glob("*.py")} - {"__init__"}
    modules |= {path.parent.name for path in (REPOSITORY / "edge").glob("*/__init__.py")}
    assert modules == set(floors)


def test_python_and_numpy_floors_reach_down_to_jetpack_6(settings):
    assert settings["options"]["python_requires"] == ">=3.10"
    assert "numpy>=1.26" in settings["options"]["install_requires"].split()


def test_the_device_needs_no_training_packages(settings):
    wanted = settings["options"]["install_requires"].lower()
    assert [name for name in ("torch", "onnx>", "fastapi", "pytest", "librosa") if name in wanted] == []


def test_systemd_is_no_package():
    """`systemd/__init__.py` would shadow systemd-python."""
    assert not (REPOSITORY / "systemd" / "__init__.py").exists()


def test_every_folder_of_tests_is_a_package():
    """`tests/edge` without an `__init__.py` above it would shadow the real `edge`."""
    folders = {path.parent for path in (REPOSITORY / "tests").rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_only_capture_opens_devices():
    found = [
        path.relative_to(REPOSITORY / "edge").as_posix()
        for path in (REPOSITORY / "edge").rglob("*.py")
        if "cv2.VideoCapture(" in path.read_text(encoding="utf-8")
        or "import pyaudio" in path.read_text(encoding="utf-8")
    ]
    assert [path for path in found if not path.startswith("capture/")] == []
    assert "capture/opencv.py" in found
