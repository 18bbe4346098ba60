"""cuInit(0) against a library that answers, hangs or crashes."""

from __future__ import annotations

import os
import time

import psutil
import pytest

from edge.board.gpu import cu_init
from tests import libcuda


@pytest.fixture
def driver(tmp_path, monkeypatch):
    def make(**options):
        monkeypatch.setenv("LD_LIBRARY_PATH", str(libcuda.stub(tmp_path / "lib", **options)))

    return make


def test_a_driver_that_works_tells_its_version_and_its_gpus(driver):
    driver(devices=2)
    found = cu_init()
    assert found.works
    assert (found.code, found.name, found.version) == (0, "CUDA_SUCCESS", "12.6")
    assert [(d.name, d.capability, d.integrated) for d in found.devices] == [("Orin (nvgpu)", "8.7", True)] * 2
    assert found.words == "Orin (nvgpu) (8.7), Orin (nvgpu) (8.7), driver for CUDA 12.6"


@pytest.mark.parametrize(
    ("code", "name", "helps"),
    [
        (3, "CUDA_ERROR_NOT_INITIALIZED", "restart"),
        (34, "CUDA_ERROR_STUB_LIBRARY", "LD_LIBRARY_PATH"),
        (35, "CUDA_ERROR_INSUFFICIENT_DRIVER", "newer NVIDIA driver"),
        (100, "CUDA_ERROR_NO_DEVICE", "device nodes"),
        (719, "CUDA_ERROR_LAUNCH_FAILED", "restart"),  # not in our table: the driver's own word
        (801, "CUDA_ERROR_NOT_SUPPORTED", "rights"),
        (803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "restart"),
        (999, "CUDA_ERROR_UNKNOWN", "restart"),
        (4711, "CUDA error 4711", "restart"),
    ],
)
def test_each_code_has_its_name_and_a_remedy(code, name, helps, driver):
    driver(code=code)
    found = cu_init()
    assert not found.works
    assert (found.code, found.name) == (code, name)
    assert helps in found.remedy
    assert f"cuInit(0) answers {code} ({name})" in found.words
    assert found.version == "12.6"
    assert found.devices == ()


@pytest.mark.parametrize("code", [100, 801, 999])
def test_on_a_jetson_the_groups_are_what_helps(code, driver):
    driver(code=code, say="NvRmMemInitNvmap failed with Permission denied")
    found = cu_init(on_jetson=True)
    assert all(word in found.remedy for word in ("/dev/nvmap", "video", "/dev/dri/renderD*", "render", "usermod"))
    assert found.said == "NvRmMemInitNvmap failed with Permission denied"
    assert found.said in found.words


def test_a_driver_without_a_gpu_has_no_device(driver):
    driver(devices=0)
    found = cu_init()
    assert not found.works
    assert found.code == 100


def test_what_a_driver_prints_does_not_spoil_the_answer(driver):
    driver(say="{}")
    assert cu_init().works


def test_a_driver_that_hangs_is_left_in_time(driver):
    driver(act=libcuda.HANG)
    began_s = time.monotonic()
    found = cu_init(timeout_s=0.5)
    assert time.monotonic() - began_s < 5
    assert not [child for child in psutil.Process().children() if "cuda_probe" in " ".join(child.cmdline())]
    assert found.code is None
    assert "within 0.5 s" in found.words
    assert not found.works


@pytest.mark.parametrize("act", [libcuda.CRASH, libcuda.ABORT])
def test_a_driver_that_crashes_takes_nobody_along(act, driver):
    driver(act=act, say="nvgpu: something is wrong")
    found = cu_init()
    assert found.code is None
    assert "crashed" in found.meaning
    assert "nvgpu: something is wrong" in found.words


def test_a_driver_that_ends_the_process_is_told(driver):
    driver(act=libcuda.EXIT)
    found = cu_init()
    assert not found.works
    assert "without an answer" in found.words


def test_a_library_that_is_none_is_told(tmp_path, monkeypatch):
    (tmp_path / "libcuda.so.1").write_text("not an ELF file")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    found = cu_init()
    assert not found.loaded
    assert "cannot be loaded" in found.words


def test_without_a_library_it_is_one_clear_sentence(monkeypatch):
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    found = cu_init()
    if found.loaded:
        pytest.skip("this machine has NVIDIA's driver")
    assert found.words == "NVIDIA's driver library libcuda.so.1 is not here"
    assert found.remedy


def test_modules_in_the_current_folder_are_not_taken_for_pythons(tmp_path, monkeypatch, driver):
    driver()
    (tmp_path / "json.py").write_text("raise SystemExit(1)")
    (tmp_path / "ctypes.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.fspath(tmp_path))
    assert cu_init().works
