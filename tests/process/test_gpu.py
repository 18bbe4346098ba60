"""The real daemon with a GPU that is made up and fails on command: results never stop, and none of them is wrong."""

from __future__ import annotations

import contextlib
import json
import sys
import time

import psutil
import pytest

from tests.broker import listening, until
from tests.conftest import REPOSITORY
from tests.description import Description
from tests.process.command import Running
from tests.process.gpu_daemon import Orders
from tests.process.test_service_manager import Manager

pytestmark = pytest.mark.timeout(300)

FALL_BACK_S = 3.0


@pytest.fixture
def orders(tmp_path):
    folder = tmp_path / "orders"
    folder.mkdir()
    return Orders(folder)


@contextlib.contextmanager
def gpu_daemon(clip, broker, orders, folder, **more):
    words = ["--camera", clip, "--mic", clip, "--loop", "--json", "--broker", broker.url, "--device-id", "desk"]
    environ = {
        "GPU_ORDERS": str(orders.folder),
        "STATE_DIRECTORY": str(folder),
        "PYTHONPATH": str(REPOSITORY),
        "EDGE_EMOTION_LOAD__ADAPT": "false",  # the status is to tell of the GPU alone, on a busy machine too
        **more,
    }
    with Running(*words, environ=environ, before=[sys.executable, "-m", "tests.process.gpu_daemon"]) as running:
        yield running


def told(listener, *, after, engine):
    """Until the engine's detail names this one; gives its reason."""
    found = []

    def look():
        heard = [one for one in list(listener.heard)[after:] if one.topic.endswith("status/engine/detail")]
        found[:] = [one.json() for one in heard if one.json()["engine"] == engine]
        return bool(found)

    until(look, f"the engine is {engine}; heard {[one.payload for one in listener.on('status/engine/detail')]}")
    return found[-1]["reason"]


def fail(listener, running, orders, kind):
    """Have the GPU fail; gives the reason that is told within the time that a fall-back may take."""
    after = len(listener.heard)
    orders.give("fault", kind)
    began = time.monotonic()
    reason = told(listener, after=after, engine="onnx")
    until(lambda: listener.on("status/engine")[-1].payload == "degraded", "the engine is degraded")
    assert time.monotonic() - began < FALL_BACK_S, kind
    assert reason.startswith("TensorRT failed: ")
    running.wait_for_results(2)
    return reason


def recover(listener, running, orders):
    after = len(listener.heard)
    orders.give("fault", "")
    assert told(listener, after=after, engine="tensorrt") is None
    until(lambda: listener.on("status/engine")[-1].payload == "online", "the engine is online")
    running.wait_for_results(2)


def test_results_go_on_through_build_hand_over_failures_and_recovery(demo_clip_path, broker, orders, tmp_path):
    with listening(broker.port) as listener, gpu_daemon(demo_clip_path, broker, orders, tmp_path) as running:
        running.wait_for_results(3)
        assert told(listener, after=0, engine="tensorrt") is None
        first = [one.json()["reason"] for one in listener.on("status/engine/detail")]
        progress = [reason for reason in first if reason and "building the engine for Orin" in reason]
        assert 3 <= len(progress) <= 11
        running.wait_for_results(3)
        assert "NaN" in fail(listener, running, orders, "NaN")
        time.sleep(1.0)  # its trials fail as well
        assert listener.on("status/engine")[-1].payload == "degraded"
        recover(listener, running, orders)
        assert "illegal memory access" in fail(listener, running, orders, "a CUDA error")
        recover(listener, running, orders)
        assert "does not answer" in fail(listener, running, orders, "hang")
        recover(listener, running, orders)
        began = time.monotonic()
        done = running.end()
        assert time.monotonic() - began < 5.0
        until(lambda: listener.on("available")[-1].payload == "stopped", "stopped")
        heard = list(listener.heard)
    assert done.code == 0, done.err
    done.assert_no_traceback()
    results = done.results
    seqs = [result["seq"] for result in results]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), "no tick is without a result"
    assert any(result["faces"] for result in results)
    assert "NaN" not in done.out
    assert "Infinity" not in done.out
    description = Description()
    for one in heard:
        description.check(one)
        json.dumps(json.loads(one.payload), allow_nan=False) if one.payload.startswith("{") else None


def test_the_end_of_the_service_is_the_end_of_the_build(demo_clip_path, broker, orders, tmp_path):
    orders.give("child", "hang")
    manager = Manager(tmp_path)
    with gpu_daemon(demo_clip_path, broker, orders, tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify")) as running:
        said = "engine degraded (building the engine for Orin (30 %); ONNX Runtime does the work)"
        manager.listen_until(lambda heard: any(said in message for message in heard))
        (child,) = psutil.Process(running.child.pid).children(recursive=True)
        assert child.nice() == 19
        assert "NOTIFY_SOCKET" not in child.environ()
        running.wait_for_results(5)
        began = time.monotonic()
        done = running.end()
        assert time.monotonic() - began < 5.0
        assert not child.is_running()
    assert done.code == 0, done.err
    done.assert_no_traceback()
    seqs = [result["seq"] for result in done.results]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
