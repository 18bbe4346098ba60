"""The accelerator with the real TrtEngine, on the stand-in of a GPU: its faults as CUDA would tell them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.broker import until
from tests.edge.accelerator.rig import AcceleratorRig
from tests.gpu.stand_in_gpu import StandInGpu


@pytest.fixture
def gpu():
    return StandInGpu(integrated=True)


def on_gpu(folder, gpu, *, cuda_graph=True):
    rig = AcceleratorRig(folder, backend=gpu.backend(cuda_graph=cuda_graph))
    for graph in ("face", "head"):
        rig.store.save(gpu.plan(graph), {})
    rig.step()
    assert rig.fast == [True, True], rig.told
    return rig


def test_the_gpu_answers_as_onnx_runtime_does_and_is_left_clean(tmp_path, gpu):
    rig = on_gpu(tmp_path, gpu)
    answered = rig.encode()
    rig.accelerator.stop()
    assert np.allclose(answered, rig.encode(), atol=1e-5)
    assert not gpu.left()
    assert not gpu.machine.mistakes


def test_more_faces_than_the_plan_takes_are_left_to_onnx_runtime(tmp_path, gpu):
    rig = on_gpu(tmp_path, gpu)
    crops = np.zeros((9, 128, 128), np.uint8)
    assert rig.student.encode(crops).shape == (9, 96)
    assert rig.fast == [True, True]
    assert rig.state == "online"
    rig.accelerator.stop()


@pytest.mark.parametrize(
    ("fault", "on", "off"),
    [("nan", True, False), ("launches_to_refuse", 1, 0), ("hung", True, False), ("launches_to_fail", 1, 0)],
)
def test_a_fault_of_the_gpu_reaches_nobody(fault, on, off, tmp_path, gpu):
    rig = on_gpu(tmp_path, gpu, cuda_graph=False)
    expected = rig.face.sure.infer(feeds())["embeddings"]
    setattr(gpu.machine, fault, on)
    assert np.array_equal(rig.face.infer(feeds())["embeddings"], expected)
    assert rig.fast == [False, False]
    rig.step()
    assert rig.state == "degraded"
    assert rig.reason.startswith("TensorRT failed: ")
    setattr(gpu.machine, fault, off)
    until(lambda: rig.accelerator.stopped, "the driver answers")
    rig.step(after_s=30)
    recovers = fault != "launches_to_fail"  # an error of the context stays until the process ends
    assert rig.fast == [recovers, recovers], rig.told[-1]
    rig.accelerator.stop()


def test_too_little_memory_for_the_second_network(tmp_path, gpu):
    rig = AcceleratorRig(tmp_path, backend=gpu.backend())
    for graph in ("face", "head"):
        rig.store.save(gpu.plan(graph), {})
    gpu.machine.fail_allocation(4)
    rig.step()
    assert rig.state == "degraded"
    assert "out of memory" in rig.reason
    assert not gpu.left()
    rig.step(after_s=30)
    assert rig.fast == [True, True]
    rig.accelerator.stop()
    assert not gpu.left()


def test_a_plan_that_tensorrt_does_not_take_is_built_anew(tmp_path, gpu):
    """The store vouches for its bytes, TensorRT has the last word."""
    rig = AcceleratorRig(tmp_path, backend=gpu.backend())
    for graph in ("face", "head"):
        rig.store.save(replace(gpu.plan(graph), data=b"of another TensorRT"), {})
    rig.builder.save = lambda: [rig.store.save(gpu.plan(graph), {}) for graph in ("face", "head")]
    rig.step()
    assert "does not take the plan" in rig.reason
    rig.step(after_s=30)
    assert rig.builder.builds == [True]
    assert rig.fast == [True, True]
    rig.accelerator.stop()


def feeds():
    return {"crops": np.full((2, 1, 128, 128), 100.0, np.float32)}
