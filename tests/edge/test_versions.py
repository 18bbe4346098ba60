"""What `edge-emotion version` says."""

from __future__ import annotations

import os

import pytest

from edge.board import board
from edge.cli import versions
from tests import boards, libcuda


@pytest.fixture
def jetson(tmp_path, monkeypatch):
    """An Orin with TensorRT's Python module, pycuda and a driver that answers `code`."""

    def make(code=0, modules=("tensorrt", "pycuda")):
        here = board(boards.orin_nano_62(tmp_path / "root"))
        monkeypatch.setattr(versions, "board", lambda: here)
        monkeypatch.setenv("EDGE_EMOTION_CONFIG", os.devnull)
        monkeypatch.setenv("LD_LIBRARY_PATH", str(libcuda.stub(tmp_path / "lib", code=code)))
        for name in modules:
            boards.write(tmp_path / "site", {f"{name}/__init__.py": "raise ImportError('it must not be imported')"})
        monkeypatch.syspath_prepend(tmp_path / "site")

    return make


def test_a_jetson_that_has_everything_runs_tensorrt(jetson):
    jetson()
    told = versions.versions()
    assert told["engine"] == "tensorrt"
    assert (told["l4t"], told["tensorrt"]) == ("36.4.4", "10.3.0.30")


def test_the_settings_may_not_want_it(jetson, monkeypatch):
    jetson()
    monkeypatch.setenv("EDGE_EMOTION_ENGINE", "onnx")
    assert versions.versions()["engine"] == "onnx"
    monkeypatch.setenv("EDGE_EMOTION_ENGINE", "nonsense")
    assert versions.versions()["engine"] == "tensorrt"


@pytest.mark.parametrize(
    "lacking",
    [{"code": 801}, {"modules": ("tensorrt",)}, {"modules": ("pycuda",)}],
    ids=["driver", "pycuda", "tensorrt"],
)
def test_without_one_of_them_it_is_onnx_runtime(lacking, jetson):
    if all(versions.find_spec(name) for name in ("tensorrt", "pycuda")) and "modules" in lacking:
        pytest.skip("both are installed here")
    jetson(**lacking)
    assert versions.versions()["engine"] == "onnx"


def test_a_machine_without_a_gpu_runs_onnx_runtime(jetson, monkeypatch, tmp_path):
    jetson()
    monkeypatch.setattr(versions, "board", lambda: board(tmp_path / "nothing"))
    told = versions.versions()
    assert (told["engine"], told["l4t"]) == ("onnx", None)
