"""TrtEngine on a GPU that lacks memory, refuses, fails, hangs, or gives what is no number."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from edge.infer.engine import EngineError
from edge.infer.plan_store import PlanRejectedError
from tests.edge.infer.trt.feeds import crops, rows, same
from tests.gpu.bindings import REPOSITORY
from tests.gpu.stand_in_gpu import StandInGpu

_HANG = """
import numpy as np
from edge.infer.engine import EngineError
from tests.gpu.stand_in_gpu import StandInGpu
gpu = StandInGpu()
engine = gpu.engine(gpu.plan("face"), timeout_s=0.01)
engine.activate()
gpu.machine.hung = True
try:
    engine.infer({"crops": np.zeros((1, 1, 128, 128), np.float32)})
except EngineError as error:
    print(error)
"""


def test_no_failed_allocation_leaves_anything(gpu):
    """The n-th one fails, for every n until all of them succeed; then it works."""
    engine = gpu.engine(gpu.plan("head"))
    said = []
    for nth in range(1, 40):
        gpu.machine.fail_allocation(nth)
        try:
            engine.activate()
        except EngineError as error:
            said.append(str(error) if not isinstance(error, PlanRejectedError) else "rejected")
        else:
            break
        gc.collect()
        assert gpu.left() == {}
    gpu.machine.fail_allocation(0)
    assert len(said) > 10
    assert any(
        "the GPU is out of memory (cuMemAlloc failed: out of memory); end what else uses it" in text for text in said
    )
    assert all("memory" in text.lower() and "\n" not in text for text in said), said
    engine.infer(rows(4))
    engine.deactivate()


def test_no_memory_for_one_more_size_is_an_error_and_the_next_call_works(gpu, reference):
    with gpu.engine(gpu.plan("face")) as engine:
        engine.infer(crops(1))
        gpu.machine.fail_allocation(1)
        with pytest.raises(EngineError, match="memory"):
            engine.infer(crops(2))
        feeds = crops(2)
        same(engine.infer(feeds), reference["face"].infer(feeds))


def test_many_sizes_keep_few_execution_contexts(gpu, reference):
    with gpu.engine(gpu.plan("face", faces=24)) as engine:
        for size in (*range(1, 25), 1, 24, 2):
            feeds = crops(size)
            for _ in range(2):
                same(engine.infer(feeds), reference["face"].infer(feeds))
        assert gpu.machine.live["execution context"] <= 16
        assert gpu.machine.live["graph"] <= 16


def test_a_refused_launch_is_an_error_and_the_next_call_works(gpu, reference):
    with gpu.engine(gpu.plan("face")) as engine:
        gpu.machine.launches_to_refuse = 1
        with pytest.raises(EngineError, match="stream"):
            engine.infer(crops())
        for feeds in (crops(), crops(), crops()):
            same(engine.infer(feeds), reference["face"].infer(feeds))


def test_where_a_network_cannot_be_recorded_every_call_is_a_plain_one(gpu, reference):
    gpu.machine.fails_capture = True
    with gpu.engine(gpu.plan("face")) as engine:
        for feeds in (crops(), crops(), crops()):
            same(engine.infer(feeds), reference["face"].infer(feeds))
    assert gpu.machine.launched["graph"] == 0


def test_a_driver_without_graphs_is_served_by_plain_calls(reference):
    gpu = StandInGpu(graphs=False)
    with gpu.engine(gpu.plan("face")) as engine:
        for feeds in (crops(), crops(), crops()):
            same(engine.infer(feeds), reference["face"].infer(feeds))
    assert gpu.machine.launched["graph"] == 0
    assert gpu.left() == {}


def test_a_failed_launch_loses_the_gpu_and_nothing_hangs():
    gpu = StandInGpu(integrated=False)
    engine = gpu.engine(gpu.plan("face"))
    engine.activate()
    engine.infer(crops())
    gpu.machine.launches_to_fail = 1
    with pytest.raises(EngineError, match=r"unspecified launch failure.*restart the service"):
        engine.infer(crops())
    engine.deactivate()
    with pytest.raises(EngineError, match="unspecified launch failure"):
        engine.activate()
    gc.collect()
    assert gpu.machine.contexts() == []
    assert gpu.machine.mistakes == []
    assert gpu.left() == {}


def test_a_hung_gpu_is_left_alone_until_it_answers(gpu, reference):
    engine = gpu.engine(gpu.plan("face"), timeout_s=0.05)
    other = gpu.engine(gpu.plan("head"), timeout_s=0.05)
    engine.activate()
    other.activate()
    engine.infer(crops(2))
    gpu.machine.hung = True
    began_s = time.monotonic()
    with pytest.raises(EngineError, match=r"Orin did not answer within 0\.05 s"):
        engine.infer(crops(2))
    with pytest.raises(EngineError, match="did not answer"):
        other.infer(rows())
    engine.deactivate()
    other.deactivate()
    with pytest.raises(EngineError, match=r"still hangs.*restart the service"):
        engine.activate()
    assert time.monotonic() - began_s < 3  # the longest that a failure may take to be noticed
    gpu.machine.hung = False
    with engine:
        feeds = crops(2)
        same(engine.infer(feeds), reference["face"].infer(feeds))
        assert gpu.machine.live["engine"] == 1  # what was abandoned is freed now


def test_nothing_is_freed_while_another_engine_hangs(gpu):
    """Freeing waits for the whole GPU, and Python stands still meanwhile."""
    face = gpu.engine(gpu.plan("face"), timeout_s=0.3)
    head = gpu.engine(gpu.plan("head"), timeout_s=0.05)
    face.activate()
    head.activate()
    head.infer(rows(4))
    gpu.machine.hung = True

    def wait_in_vain():
        with pytest.raises(EngineError, match="did not answer"):
            face.infer(crops())

    thread = threading.Thread(target=wait_in_vain)
    thread.start()
    while not any(stream.pending for stream in gpu.machine.streams.values()):
        time.sleep(0.001)
    head.deactivate()  # the face's call is not given up yet
    thread.join()
    face.deactivate()
    assert gpu.machine.live["engine"] == 2
    gpu.machine.hung = False
    with head:
        assert gpu.machine.live["engine"] == 1


def test_a_process_ends_while_its_gpu_hangs():
    """Python frees what is left at the end; of a hung GPU that would never return."""
    command = [sys.executable, "-c", _HANG]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert "did not answer" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_a_hang_that_begins_with_deactivate_is_abandoned_too(gpu):
    engine = gpu.engine(gpu.plan("face"), timeout_s=0.05)
    engine.activate()
    session = engine._session
    lane = gpu.gpu.run("a lane", lambda: session._lane({"crops": (1, 1, 128, 128)}))
    gpu.gpu.run("a call", lambda: lane.enqueue(gpu.gpu, session._stream, graph=False))
    gpu.machine.hung = True
    engine.deactivate()
    assert gpu.machine.live["engine"] == 1
    gpu.machine.hung = False
    with engine:
        assert gpu.machine.live["engine"] == 1


def test_nan_comes_through_for_the_one_who_looks_for_it(gpu):
    gpu.machine.nan = True
    with gpu.engine(gpu.plan("face")) as engine:
        assert np.isnan(engine.infer(crops())["embeddings"]).all()
