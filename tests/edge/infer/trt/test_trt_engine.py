"""TrtEngine on a stand-in GPU: what it says, to whom, and what is left of it."""

from __future__ import annotations

import dataclasses
import gc
import logging
import random
import threading

import numpy as np
import pytest

from edge.infer.engine import EngineError, OutsideProfileError
from edge.infer.plan_store import PlanRejectedError
from edge.infer.trt_session import TrtSession
from tests.edge.infer.trt.feeds import RNG, crops, rows, same
from tests.gpu.stand_in_gpu import StandInGpu


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
