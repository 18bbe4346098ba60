"""The real daemon where there is no GPU: ONNX Runtime does the work, and only who asked for TensorRT hears of it."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.broker import listening
from tests.process.command import Running

pytestmark = pytest.mark.skipif(find_spec("tensorrt") is not None, reason="TensorRT is here")


def test_without_a_gpu_nobody_notices_that_one_was_looked_for(demo_clip_path, tmp_path):
    words = ["--camera", demo_clip_path, "--mic", demo_clip_path, "--loop", "--broker", "none", "--duration", 1.5]
    environ = {"STATE_DIRECTORY": str(tmp_path)}
    with (
        Running(*words, "--json", "--engine", "auto", environ=environ) as auto,
        Running(*words, "--json", "--engine", "onnx", environ=environ) as onnx,
    ):
        done, other = auto.finish(), onnx.finish()
    assert done.code == other.code == 0
    assert done.results
    assert sorted(line[9:] for line in done.err.splitlines()) == sorted(line[9:] for line in other.err.splitlines())
    assert not (tmp_path / "engines").exists()


def test_tensorrt_that_is_asked_for_and_is_not_here_is_told(demo_clip_path, broker, tmp_path):
    words = ["--camera", demo_clip_path, "--mic", demo_clip_path, "--loop", "--json", "--broker", broker.url]
    with (
        listening(broker.port) as listener,
        Running(*words, "--engine", "tensorrt", environ={"STATE_DIRECTORY": str(tmp_path)}) as running,
    ):
        running.wait_for_results(3)
        listener.wait_for("status/engine", "degraded")
        detail = listener.wait_for("status/engine/detail").json()
        done = running.end()
    assert detail["engine"] == "onnx"
    assert detail["reason"].startswith("TensorRT cannot be used: ")
    assert detail["reason"].endswith("; ONNX Runtime does the work, next attempt in 30 s")
    assert done.code == 0
    done.assert_no_traceback()
