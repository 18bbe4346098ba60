"""What is said where TensorRT, pycuda or the driver is missing or broken: each in a process of its own."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge.infer import cuda
from edge.infer.cuda import CudaBackend
from edge.infer.engine import EngineError
from edge.infer.libcuda import LIBRARY, Libcuda
from tests.gpu.stand_in_gpu import StandInGpu

REPOSITORY = Path(__file__).parents[3]
_ASK = """
from edge.infer.cuda import CudaBackend, gpu, tensorrt_module
from edge.infer.engine import EngineError
try:
    {call}
except EngineError as error:
    print(error)
"""
_SYSTEM_SITE = "make the venv with the system's Python and --system-site-packages"
_DRIVER = """
int cuInit(unsigned flags) {{ return {code}; }}
int cuGetErrorString(int code, const char **text) {{ *text = "said by the driver"; return 0; }}
"""


def asked(call: str, *folders: Path, libraries: Path | None = None) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [*folders, REPOSITORY]))}
    if libraries is not None:
        environment["LD_LIBRARY_PATH"] = str(libraries)
    command = [sys.executable, "-c", _ASK.format(call=call)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def package(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name.replace('.', '/')}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return folder


def driver(folder: Path, code: int) -> Path:
    """A libcuda.so.1 whose cuInit returns `code`."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    source = folder / "driver.c"
    source.write_text(_DRIVER.format(code=code))
    command = ["gcc", "-shared", "-fPIC", "-w", f"-Wl,-soname,{LIBRARY}", "-o", str(folder / LIBRARY), str(source)]
    subprocess.run(command, check=True, timeout=60)
    return folder


def test_without_tensorrt_it_is_told_how_a_jetson_gets_it():
    if importlib.util.find_spec("tensorrt") is not None:
        pytest.skip("tensorrt is installed")
    said = asked("tensorrt_module()")
    assert said.count("\n") == 0
    assert "tensorrt is not installed" in said
    assert "python3-libnvinfer" in said
    assert _SYSTEM_SITE in said


def test_without_a_driver_it_is_told_so():
    if ctypes.util.find_library("cuda") is not None:
        pytest.skip("this machine has a driver")
    assert f"no NVIDIA driver here: {LIBRARY} cannot be loaded" in asked("gpu()")


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (100, "no CUDA-capable device"),
        (801, "the right to open /dev/dri/renderD* is missing"),
        (999, "reboot"),
        (3, "cuInit returned 3"),
    ],
)
def test_what_cu_init_returns_is_explained(tmp_path, code, meaning):
    said = asked("gpu()", libraries=driver(tmp_path, code))
    assert f"cuInit returned {code}" in said
    assert said.count("\n") == 0
    assert meaning in said
    assert "groups video and render" in said  # each of the three was seen for want of rights


@pytest.mark.parametrize(
    ("module", "text", "call", "said"),
    [
        ("tensorrt", "import libnvinfer_of_another_time", "tensorrt_module()", "libnvinfer_of_another_time"),
        ("tensorrt", "raise OSError('libnvinfer.so.10: no such file\\nmore')", "tensorrt_module()", "libnvinfer.so.10"),
        ("tensorrt_rtx", "raise RuntimeError", "tensorrt_module('rtx')", "RuntimeError"),
        ("pycuda/driver", "raise ImportError('libcurand.so.10: cannot open')", "gpu()", "libcurand.so.10"),
        ("pycuda/driver", "x = undefined", "gpu()", "undefined"),
    ],
)
def test_a_broken_package_is_told_from_a_missing_one(tmp_path, module, text, call, said):
    package(tmp_path, module, text)
    found = asked(call, tmp_path, libraries=driver(tmp_path, 0))
    assert "is here but cannot be imported" in found
    assert said in found
    assert "\n" not in found
    assert ("nvcc on PATH" in found) == module.startswith("pycuda")


def test_pycuda_missing_beside_a_working_driver_says_how_to_get_it(tmp_path):
    if importlib.util.find_spec("pycuda") is not None:
        pytest.skip("pycuda is installed")
    said = asked("gpu()", libraries=driver(tmp_path, 0))
    assert said.startswith("pycuda is not installed")
    assert "nvcc on PATH" in said
    assert "pip install pycuda" in said


def test_what_pycuda_raises_when_it_opens_the_gpu_is_one_sentence(tmp_path):
    package(tmp_path, "pycuda/driver", "def init(): raise RuntimeError('cuInit failed: no device\\n...')")
    said = asked("gpu()", tmp_path, libraries=driver(tmp_path, 0))
    assert said.startswith("opening the GPU failed on the GPU: cuInit failed: no device")


def test_tensorrt_is_not_loaded_where_there_is_no_gpu(tmp_path):
    package(tmp_path, "tensorrt", "raise SystemExit('500 MB for nothing')")
    assert "cuInit returned 100" in asked("CudaBackend().target()", tmp_path, libraries=driver(tmp_path, 100))


def test_the_target_is_this_tensorrt_on_this_gpu(monkeypatch):
    stand_in = StandInGpu(version="10.3.0", name="Orin")
    monkeypatch.setattr(cuda, "_gpus", [stand_in.gpu])
    monkeypatch.setitem(sys.modules, "tensorrt", stand_in.trt)
    backend = CudaBackend(l4t="36.4.3")
    target = backend.target()
    assert (target.backend, target.version, target.sm, target.device) == ("tensorrt", "10.3.0", "87", "Orin")
    assert target.l4t == "36.4.3"
    with backend.open(stand_in.plan("face")) as engine:
        assert engine.name.startswith("tensorrt:student_face-fp32-")
    assert stand_in.left() == {}


def test_a_driver_of_another_kind_is_no_driver(tmp_path):
    (tmp_path / "no.so").write_text("no library")
    with pytest.raises(EngineError, match=r"no\.so cannot be loaded"):
        Libcuda(str(tmp_path / "no.so"))
