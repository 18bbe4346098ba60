"""The checks of Python, its environment and OpenCV, on made-up roots."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import pytest

from edge.doctor import Verdict
from edge.doctor.imports import ImportFault
from edge.doctor.opencv import OpenCVCheck
from edge.doctor.packages import PackagesCheck
from edge.doctor.venv import VenvCheck, environment_kind
from tests import boards

OURS = f"python{sys.version_info.major}.{sys.version_info.minor}"


def _jetson(root, folder):
    return boards.write(boards.orin_nano_62(root), {f"usr/lib/{folder}/dist-packages/tensorrt/__init__.py": ""})


def test_away_from_a_jetson_any_kind_will_do(machine):
    finding = VenvCheck().run(machine())
    assert finding.verdict is Verdict.OK
    assert "venv" in finding.found


@pytest.mark.parametrize("folder", [OURS, "python3"])
def test_an_environment_that_does_not_see_jetpacks_modules_is_found(folder, machine, tmp_path, monkeypatch):
    root = _jetson(tmp_path / "root", folder)
    finding = VenvCheck().run(machine(root))
    assert finding.verdict is Verdict.WARNING
    assert "does not see" in finding.found
    assert "is for Python" not in finding.found
    assert "--system-site-packages" in finding.remedy
    assert VenvCheck().run(machine(root, engine="tensorrt")).verdict is Verdict.FAILED
    assert VenvCheck().run(machine(root, engine="onnx")).verdict is Verdict.OK
    monkeypatch.setattr(sys, "path", [*sys.path, str(root / f"usr/lib/{folder}/dist-packages")])
    assert VenvCheck().run(machine(root)).verdict is Verdict.OK


def test_another_python_than_jetpacks_is_named(machine, tmp_path):
    finding = VenvCheck().run(machine(_jetson(tmp_path / "root", "python3.7")))
    assert finding.verdict is Verdict.WARNING
    assert "is for Python 3.7, not for 3." in finding.found


def test_a_jetson_without_the_module_is_told_the_package(machine, tmp_path):
    finding = VenvCheck().run(machine(boards.orin_nano_62(tmp_path / "root")))
    assert finding.verdict is Verdict.WARNING
    assert "python3-libnvinfer" in finding.remedy


@pytest.mark.parametrize(("said", "words"), [("true", "with the packages"), ("false", "without the packages")])
def test_the_kind_is_read_from_the_environments_own_file(said, words, tmp_path):
    boards.write(
        tmp_path, {"pyvenv.cfg": f"home = /usr/bin\ninclude-system-site-packages = {said}\nversion = 3.10.12\n"}
    )
    assert words in environment_kind(tmp_path, Path("/usr"))


def test_a_python_of_its_own_is_no_venv():
    assert environment_kind(Path("/usr"), Path("/usr")) == "no venv, but /usr's own Python"


def test_opencv_tells_what_it_can_open(machine):
    finding = OpenCVCheck().run(_imported(machine()))
    assert finding.verdict is Verdict.OK
    assert finding.found.startswith(f"{cv2.__version__} with ")
    assert ("GStreamer" in finding.found) == bool(cv2.videoio_registry.hasBackend(cv2.CAP_GSTREAMER))


def test_a_csi_camera_wants_gstreamer(machine, tmp_path):
    if cv2.videoio_registry.hasBackend(cv2.CAP_GSTREAMER):
        pytest.skip("this OpenCV has GStreamer")
    finding = OpenCVCheck().run(_imported(machine(camera="csi:0")))
    assert finding.verdict is Verdict.WARNING
    assert finding.found.endswith("and camera csi:0 needs GStreamer")
    assert "apt install python3-opencv" in finding.remedy
    assert OpenCVCheck().run(_imported(machine(camera="csi:0", require_devices=True))).verdict is Verdict.FAILED
    root = boards.write(tmp_path / "root", {"usr/lib/python3/dist-packages/cv2.cpython-310-aarch64-linux-gnu.so": ""})
    there = OpenCVCheck().run(_imported(machine(root, camera="csi:0")))
    assert "pip uninstall opencv-python" in there.remedy
    assert "apt install" not in there.remedy


def _imported(machine):
    machine.__dict__["package_faults"] = {}  # looked up by the test of the whole command
    return machine


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("ImportError: numpy.core.multiarray failed to import", 'pip install "numpy<2"'),
        ("AttributeError: _ARRAY_API not found", 'pip install "numpy<2"'),
        ("ModuleNotFoundError: No module named 'cv2'", "pip install --force-reinstall opencv-python"),
    ],
)
def test_modules_built_against_numpy_1_want_it_back(reason, remedy, machine):
    here = machine()
    here.__dict__["package_faults"] = {"cv2": ImportFault(reason)}
    finding = PackagesCheck().run(here)
    assert finding.verdict is Verdict.FAILED
    assert remedy in finding.remedy


def test_the_project_itself_is_installed_again_from_its_source_and_by_no_name(machine):
    here = machine()
    here.__dict__["package_faults"] = {"edge.daemon": ImportFault("SyntaxError: invalid syntax")}
    remedy = PackagesCheck().run(here).remedy
    assert "edge-deploy provision SOURCE" in remedy
    assert "edge-emotion" not in remedy
    here.__dict__["package_faults"]["av"] = ImportFault("ImportError: libavcodec.so.60")
    assert PackagesCheck().run(here).remedy.endswith(f"{sys.executable} -m pip install --force-reinstall av.")
