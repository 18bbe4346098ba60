"""Each check against what it is there for."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from edge.doctor import Machine, Verdict, examine
from edge.doctor.board import BoardCheck
from edge.doctor.camera import CameraCheck
from edge.doctor.configuration import ConfigurationCheck
from edge.doctor.detector import DetectorCheck
from edge.doctor.device_nodes import DeviceNodesCheck
from edge.doctor.finding import ok
from edge.doctor.gpu import GpuCheck
from edge.doctor.imports import import_faults
from edge.doctor.microphone import MicrophoneCheck
from edge.doctor.model import ModelCheck
from edge.doctor.onnx_runtime import OnnxRuntimeCheck
from edge.doctor.python import PythonCheck
from edge.doctor.state_folder import StateFolderCheck
from edge.errors import EdgeError
from edge.infer.card import MODELS_FOLDER, load_card
from tests import boards, libcuda


def test_python_model_detector_and_onnx_runtime_are_fine_here(machine):
    checks = [PythonCheck(), ModelCheck(), DetectorCheck(), OnnxRuntimeCheck(), BoardCheck()]
    here = machine()
    here.__dict__["package_faults"] = {}  # looked up by the test of the whole command
    found = dict(examine(checks, here))
    assert {name: finding.verdict for name, finding in found.items()} == dict.fromkeys(found, Verdict.OK), found
    assert "ms a face" in found["onnxruntime"].found


@pytest.mark.parametrize(
    ("engine", "file", "verdict"),
    [
        ("auto", "student_head.fp16.onnx", Verdict.WARNING),
        ("tensorrt", "student_face.int8.onnx", Verdict.FAILED),
        ("auto", "student_face.onnx", Verdict.FAILED),
    ],
)
def test_a_damaged_file_of_the_student_is_found(engine, file, verdict, machine, tmp_path, monkeypatch):
    folder = shutil.copytree(MODELS_FOLDER, tmp_path / "models")
    with (folder / file).open("ab") as damaged:
        damaged.write(b"x")
    monkeypatch.setattr("edge.infer.card.load_card", partial(load_card, folder))
    here = machine(engine=engine)
    here.__dict__["package_faults"] = {}
    (found,) = dict(examine([ModelCheck()], here)).values()
    assert found.verdict is verdict
    assert "nstall" in found.remedy


def test_a_check_that_raises_is_its_own_failure(machine):
    class Raises:
        name = "raises"
        uses_packages = False

        def run(self, machine):
            raise EdgeError("the model file x cannot be read")

    class Breaks:
        name = "breaks"
        uses_packages = False

        def run(self, machine):
            return {}["x"]

    class Works:
        name = "works"
        uses_packages = False

        def run(self, machine):
            return ok("fine")

    found = dict(examine([Raises(), Breaks(), Works()], machine()))
    assert found["raises"].verdict is Verdict.FAILED
    assert found["raises"].remedy == "The model file x cannot be read."
    assert found["breaks"].verdict is Verdict.FAILED
    assert "KeyError" in found["breaks"].found
    assert found["works"].verdict is Verdict.OK


def test_modules_that_fail_crash_or_end_python_are_named(tmp_path, monkeypatch):
    (tmp_path / "made_for_another_numpy.py").write_text("raise ImportError('numpy.core.multiarray\\n failed')")
    (tmp_path / "crashes.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    (tmp_path / "ends.py").write_text("import os; os._exit(3)")
    (tmp_path / "prints.py").write_text("import os; os.write(1, b'a word on standard output')")
    (tmp_path / "hangs.py").write_text("import time; time.sleep(60)")
    monkeypatch.syspath_prepend(tmp_path)
    assert import_faults(["json", "prints"]) == {}
    faults = import_faults(["prints", "made_for_another_numpy", "not_there_at_all", "crashes", "json"])
    assert faults["made_for_another_numpy"].reason == "ImportError: numpy.core.multiarray failed"
    assert "ModuleNotFoundError" in faults["not_there_at_all"].reason
    assert faults["crashes"].is_deadly
    assert "signal 11" in faults["crashes"].reason
    assert set(faults) == {"made_for_another_numpy", "not_there_at_all", "crashes"}
    assert "ends Python" in import_faults(["ends"])["ends"].reason
    assert "more than 1 s" in import_faults(["hangs"], timeout_s=1)["hangs"].reason


def test_a_wrong_config_file_fails_with_its_sentence(machine, tmp_path):
    (tmp_path / "bad.toml").write_text("camra = 0\n")
    finding = ConfigurationCheck().run(Machine({}, tmp_path / "bad.toml", {}, tmp_path))
    assert finding.verdict is Verdict.FAILED
    assert "camra" in finding.remedy
    assert ConfigurationCheck().run(machine()).verdict is Verdict.OK


def test_flags_hold_where_the_file_is_wrong(tmp_path):
    (tmp_path / "bad.toml").write_text("camra = 0\n")
    machine = Machine({"engine": "onnx"}, tmp_path / "bad.toml", {}, tmp_path)
    assert machine.settings.engine == "onnx"


def test_the_state_folder_may_have_to_be_made(machine, tmp_path):
    finding = StateFolderCheck().run(machine())
    assert finding.verdict is Verdict.OK
    assert "can be made" in finding.found
    (tmp_path / "state").mkdir()
    assert "can be written" in StateFolderCheck().run(machine()).found
    assert list((tmp_path / "state").iterdir()) == []


def test_a_state_folder_that_cannot_be_written_fails():
    finding = StateFolderCheck().run(Machine({}, Path(os.devnull), {"STATE_DIRECTORY": "/proc/nowhere/state"}))
    assert finding.verdict is Verdict.FAILED
    assert "/proc" in finding.remedy


@pytest.mark.parametrize("check", [GpuCheck(), DeviceNodesCheck()])
def test_without_a_gpu_its_checks_do_not_apply_unless_one_is_demanded(check, machine):
    if machine().driver.loaded:
        pytest.skip("this machine has NVIDIA's driver")
    assert check.run(machine()).verdict is Verdict.NOT_APPLICABLE
    assert check.run(machine(engine="onnx")).verdict is Verdict.NOT_APPLICABLE
    demanded = check.run(machine(engine="tensorrt"))
    assert demanded.verdict is Verdict.FAILED
    assert demanded.remedy


def test_a_jetson_whose_driver_refuses_us_is_a_warning_with_the_groups(machine, tmp_path, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", str(libcuda.stub(tmp_path / "lib", code=801)))
    root = boards.orin_nano_62(tmp_path / "root")
    finding = GpuCheck().run(machine(root))
    assert finding.verdict is Verdict.WARNING
    assert "801" in finding.found
    assert "render" in finding.remedy
    assert GpuCheck().run(machine(root, engine="tensorrt")).verdict is Verdict.FAILED


def test_a_gpu_that_works_is_named_even_where_no_file_tells_of_it(machine, tmp_path, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", str(libcuda.stub(tmp_path / "lib")))
    finding = GpuCheck().run(machine())
    assert finding.verdict is Verdict.OK
    assert "Orin (nvgpu) (8.7)" in finding.found


def test_nodes_that_are_barred_are_named_with_what_helps(machine, tmp_path, monkeypatch):
    root = boards.write(boards.orin_nano_62(tmp_path / "root"), {"dev/nvmap": "", "dev/dri/renderD128": ""})
    for name in ("nvmap", "dri/renderD128"):
        (root / "dev" / name).chmod(0o440)
    assert DeviceNodesCheck().run(machine(root)).verdict is Verdict.OK  # they are our own
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    monkeypatch.setattr(os, "getegid", lambda: 12345)
    monkeypatch.setattr(os, "getgroups", lambda: [12345])
    finding = DeviceNodesCheck().run(machine(root))
    assert finding.verdict is Verdict.WARNING
    assert "/dev/nvmap (r--r-----" in finding.found
    assert "/dev/dri/renderD128" in finding.found
    assert finding.remedy
    for code, verdict in ((100, Verdict.FAILED), (0, Verdict.WARNING)):  # what works needs no rights
        monkeypatch.setenv("LD_LIBRARY_PATH", str(libcuda.stub(tmp_path / str(code), code=code)))
        assert DeviceNodesCheck().run(machine(root, engine="tensorrt")).verdict is verdict


@pytest.mark.parametrize(
    ("check", "setting", "verdict"),
    [
        (CameraCheck(), {"camera": "none"}, Verdict.NOT_APPLICABLE),
        (CameraCheck(), {"camera": "/dev/video-gone"}, Verdict.WARNING),
        (CameraCheck(), {"camera": "/dev/video-gone", "require_devices": True}, Verdict.FAILED),
        (CameraCheck(), {"camera": "no-such-file.mp4"}, Verdict.FAILED),
        (MicrophoneCheck(), {"mic": "none"}, Verdict.NOT_APPLICABLE),
        (MicrophoneCheck(), {"mic": "no-such-file.wav"}, Verdict.FAILED),
        (MicrophoneCheck(), {"mic": "a microphone that nobody has"}, Verdict.WARNING),
    ],
)
def test_camera_and_microphone_are_looked_for(check, setting, verdict, machine):
    finding = check.run(machine(**setting))
    assert finding.verdict is verdict, finding
