from __future__ import annotations

import dataclasses
import gc
import logging
import random
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from edge.infer.card import load_card
from edge.infer.engine import EngineError, OutsideProfileError
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.plan_store import PlanRejectedError
from edge.infer.trt_session import TrtSession
from edge.samples import FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES
from tests.gpu.bindings import REPOSITORY
from tests.gpu.stand_in_gpu import StandInGpu

CARD = load_card()
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
RNG = np.random.default_rng(7)


def crops(n=1):
    return {"crops": RNG.uniform(0, 255, (n, 1, 128, 128)).astype(np.float32)}


def rows(n=1):
    return {
        "embeddings": RNG.normal(size=(n, VIDEO_SLOTS, CARD.embedding_size)).astype(np.float32),
        "video_mask": np.ones((n, VIDEO_SLOTS), np.float32),
        "sound": RNG.normal(size=(n, WINDOW_FRAMES, FEATURE_SIZE)).astype(np.float32),
        "sound_mask": np.ones((n, WINDOW_FRAMES), np.float32),
    }


@pytest.fixture(scope="module")
def reference():
    """ONNX Runtime's answers."""
    with OnnxEngine(CARD.face_path) as face, OnnxEngine(CARD.head_path) as head:
        yield {"face": face, "head": head}


@pytest.fixture(params=[True, False], ids=["integrated", "discrete"])
def gpu(request):
    """A stand-in on which no test may leave anything, or do what the real one punishes."""
    gpu = StandInGpu(integrated=request.param)
    yield gpu
    gc.collect()
    assert gpu.machine.mistakes == []
    assert gpu.machine.contexts() == []
    assert gpu.left() == {}
    assert gpu.machine.live["context"] <= 1  # retained once for all engines


def same(ours, theirs):
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name])


@pytest.mark.parametrize("graphs", [True, False], ids=["graphs", "plain"])
def test_it_says_what_onnx_runtime_says_in_any_order_of_sizes(gpu, reference, graphs):
    sizes = [*range(1, 9), *range(8, 0, -1), *random.Random(3).choices(range(1, 9), k=8)]
    with (
        gpu.engine(gpu.plan("face"), cuda_graph=graphs) as face,
        gpu.engine(gpu.plan("head"), cuda_graph=graphs) as head,
    ):
        for size in sizes:
            feeds = crops(size)
            same(face.infer(feeds), reference["face"].infer(feeds))
            feeds = rows(3 * size + 1)
            same(head.infer(feeds), reference["head"].infer(feeds))
    assert gpu.machine.launched["network"] == 2 * len(sizes)
    # The first call of each size is a plain one, every later one a replay.
    assert gpu.machine.launched["graph"] == (2 * (len(sizes) - 8) if graphs else 0)
    assert (gpu.machine.copied_bytes == 0) == gpu.machine.integrated


def test_the_plan_may_have_other_names_of_tensors(gpu, reference):
    with gpu.engine(gpu.plan("head", prefix="torch_")) as engine:
        for feeds in (rows(4), rows(4), rows(1)):
            same(engine.infer(feeds), reference["head"].infer(feeds))


def test_answers_are_not_overwritten_by_the_next_call(gpu):
    with gpu.engine(gpu.plan("face")) as engine:
        first = engine.infer(crops(2))["embeddings"]
        kept = first.copy()
        engine.infer(crops(2))
        engine.infer(crops(8))
    np.testing.assert_array_equal(first, kept)


def test_feeds_may_be_views(gpu, reference):
    wide = RNG.uniform(0, 255, (2, 1, 128, 256)).astype(np.float32)
    feeds = {"crops": wide[:, :, :, ::2]}
    with gpu.engine(gpu.plan("face")) as engine:
        same(engine.infer(feeds), reference["face"].infer({"crops": feeds["crops"].copy()}))


def test_two_threads_use_their_engines_at_the_same_time(gpu, reference):
    failures = []

    def work(engine, graph, make):
        try:
            for size in random.Random(graph).choices(range(1, 9), k=12):
                feeds = make(size)
                same(engine.infer(feeds), reference[graph].infer(feeds))
            assert gpu.machine.contexts() == []
        except BaseException as error:
            failures.append(error)

    with gpu.engine(gpu.plan("face")) as face, gpu.engine(gpu.plan("head")) as head:
        threads = [
            threading.Thread(target=work, args=(face, "face", crops)),
            threading.Thread(target=work, args=(head, "head", rows)),
            threading.Thread(target=work, args=(face, "face", crops)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


def test_it_can_be_entered_again_and_freed_by_another_thread(gpu, reference):
    def sessions():
        gc.collect()
        return sum(type(one) is TrtSession for one in gc.get_objects())

    before = sessions()
    engine = gpu.engine(gpu.plan("face"))
    for _ in range(3):
        engine.activate()
        engine.activate()  # no second session
        assert gpu.machine.live["engine"] == 1
        feeds = crops(3)
        same(engine.infer(feeds), reference["face"].infer(feeds))
        thread = threading.Thread(target=engine.deactivate)
        thread.start()
        thread.join()
        assert gpu.left() == {}
        with pytest.raises(EngineError, match="not active"):
            engine.infer(feeds)
        engine.deactivate()
    assert sessions() == before


@pytest.mark.parametrize("n", [0, 9])
def test_what_the_plan_was_not_built_for_is_told_apart(gpu, n):
    with gpu.engine(gpu.plan("face")) as engine:
        with pytest.raises(OutsideProfileError, match=rf"crops of \(1, 1, 128, 128\) to \(8, 1, 128, 128\), not \({n}"):
            engine.infer(crops(n))
        engine.infer(crops(8))
    assert gpu.machine.launched["network"] == 1


@pytest.mark.parametrize(
    ("feeds", "named"),
    [
        ({}, "crops"),
        ({"crops": np.zeros((1, 1, 64, 64), np.float32)}, "64"),
        ({"crops": np.zeros((1, 1, 128, 128))}, "64"),
    ],
)
def test_wrong_feeds_are_named_and_never_reach_the_gpu(gpu, feeds, named):
    with gpu.engine(gpu.plan("face")) as engine, pytest.raises(EngineError, match=named) as caught:
        engine.infer(feeds)
    assert not isinstance(caught.value, OutsideProfileError)
    assert gpu.machine.launched["network"] == 0


def test_a_plan_of_another_version_is_refused_in_one_sentence(caplog):
    old, new = StandInGpu(version="10.3.0"), StandInGpu(version="10.7.0")
    engine = new.engine(old.plan("face"))
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(PlanRejectedError, match=r"TensorRT 10\.7\.0 does not take.*expecting"),
    ):
        engine.activate()
    assert "expecting 10.7.0" in caplog.text
    gc.collect()
    assert new.left() == {}
    assert new.machine.mistakes == []


def test_a_plan_with_other_tensors_than_it_says_is_refused(gpu):
    plan = dataclasses.replace(gpu.plan("face"), tensors={"crops": "crops", "embedding": "embedding"})
    with pytest.raises(PlanRejectedError, match=r"tensors are \['crops', 'embeddings'\], not \['crops', 'embedding'\]"):
        gpu.engine(plan).activate()


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
