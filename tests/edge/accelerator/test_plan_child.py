"""Real children: good ones, and those that hang, lie, flood, or leave others behind."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

import edge
from edge.accelerator.plan_child import SILENT_LIMIT_S, BuildRefusedError, CancelledError, PlanChild, build_command
from edge.clock import NS_PER_S, MonotonicClock
from edge.config import Settings
from edge.infer.engine import EngineError
from tests.broker import until
from tests.edge.accelerator.child_script import command
from tests.fakes import FakeClock


class Build:
    """A build in a thread of its own, as in the daemon; `with` cancels it."""

    def __init__(self, name, clock=None, **environ):
        self.child = PlanChild(command(name), clock or MonotonicClock(), {**os.environ, **environ})
        self.heard = []
        self.error = None
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        try:
            self.child.build(self.heard.append)
        except EngineError as error:
            self.error = error

    def __enter__(self):
        self.thread.start()
        until(lambda: self.heard or not self.thread.is_alive(), "a word of the child")
        return self

    def __exit__(self, *_):
        self.child.cancel()
        self.thread.join(10)
        assert not self.thread.is_alive()


def children():
    return [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]


def build(name):
    heard = []
    PlanChild(command(name), MonotonicClock()).build(heard.append)
    return heard


@pytest.fixture(autouse=True)
def _few_words(monkeypatch):
    monkeypatch.setattr("edge.accelerator.child_words.MOST_BYTES", 100_000)


@pytest.fixture(autouse=True)
def _nobody_is_left():
    before = set(psutil.Process().children())
    yield
    assert set(psutil.Process().children()) <= before


def test_a_good_child_tells_how_far_it_is():
    assert build("good") == [0.0, 0.25, 0.5, 1.0]


def test_a_library_that_prints_does_not_matter():
    assert build("stray lines") == [0.5]


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("refused", BuildRefusedError, "^probabilities differ by 0.3$"),
        ("no gpu", EngineError, "^there is no GPU here$"),
        ("wordless", EngineError, "exit code 3"),
        ("killed", EngineError, "signal 9"),
        ("complains a lot", EngineError, "^at last$"),
        ("nonsense", EngineError, "nobody understands"),
        ("endless line", EngineError, "nobody understands"),
        ("flood", EngineError, "nobody understands"),
    ],
)
def test_a_bad_end_is_told_in_a_sentence(name, kind, words):
    with pytest.raises(EngineError, match=words) as caught:
        build(name)
    assert type(caught.value) is kind


@pytest.mark.skipif(find_spec("tensorrt") is not None, reason="TensorRT is here: the build would go on")
def test_the_real_builder_says_what_it_lacks_here(tmp_path):
    """Not a word of Python: the sentence goes into the status."""
    builder = PlanChild(build_command(Settings(), tmp_path), MonotonicClock())
    with pytest.raises(EngineError, match=r"^No engine can be built here: tensorrt is not installed") as caught:
        builder.build(lambda _: None)
    assert type(caught.value) is EngineError


def test_a_program_that_is_not_there_is_told():
    with pytest.raises(EngineError, match="cannot be started"):
        PlanChild(["/nowhere/python"], MonotonicClock()).build(lambda _: None)


@pytest.mark.parametrize("name", ["silent", "same words"])
def test_a_child_without_progress_is_ended(name):
    clock = FakeClock()
    with Build(name, clock) as running:
        clock.advance(int(SILENT_LIMIT_S * NS_PER_S))
        time.sleep(0.3)
        assert running.thread.is_alive()
        clock.advance(1 * NS_PER_S)
        running.thread.join(10)
        assert "no progress for 10 minutes" in str(running.error)


@pytest.mark.parametrize("name", ["silent", "deaf", "family", "same words"])
def test_cancelling_ends_all_at_once(name):
    with Build(name) as running:
        everyone = psutil.Process().children(recursive=True)
        began = time.monotonic()
        running.child.cancel()
        running.thread.join(10)
        assert time.monotonic() - began < 3.0  # a silent child is given up after ten minutes
    assert type(running.error) is CancelledError
    assert everyone
    until(lambda: not any(map(runs, everyone)), "all have ended")
    with pytest.raises(CancelledError):
        running.child.build(lambda _: None)


def test_who_outlives_the_child_does_not_prolong_the_build_and_is_ended():
    running = Build("heir")
    with running:
        family = psutil.Process().children(recursive=True)
        assert len(family) == 2
        running.thread.join(10)
        assert not running.thread.is_alive()
        assert running.error is None
    until(lambda: not any(map(runs, family)), "nobody is left")


def test_the_child_stands_back_behind_everybody():
    with Build("silent"):
        (child,) = children()
        assert os.getpgid(child.pid) == child.pid != os.getpgrp()
        assert child.nice() == 19
        assert child.ionice().ioclass == psutil.IOPRIO_CLASS_IDLE
        assert Path(f"/proc/{child.pid}/oom_score_adj").read_text() == "1000\n"
        assert Path(f"/proc/{child.pid}/fd/0").resolve() == Path("/dev/null")


def test_the_child_is_no_service_and_works_where_the_code_is(tmp_path, monkeypatch):
    """In a folder of the user's own, `engines` might be something else."""
    monkeypatch.chdir(tmp_path)
    with Build("told", NOTIFY_SOCKET="/run/systemd/notify", WATCHDOG_USEC="1", OTHER="x"):
        (child,) = children()
        assert Path(child.cwd()) == Path(edge.__file__).parents[1]
        environ = child.environ()
    assert "OTHER" in environ
    assert not {"NOTIFY_SOCKET", "WATCHDOG_USEC"} & environ.keys()


def test_a_password_that_was_taken_out_of_sight_is_not_handed_on(monkeypatch):
    monkeypatch.setenv("EDGE_EMOTION_MQTT_PASSWORD", "secret")
    running = Build("silent")
    running.child = PlanChild(command("silent"), MonotonicClock())
    monkeypatch.delenv("EDGE_EMOTION_MQTT_PASSWORD")
    with running:
        (child,) = children()
        assert "EDGE_EMOTION_MQTT_PASSWORD" not in child.environ()


def test_two_builds_at_once_come_one_after_the_other():
    running = Build("silent")
    with running:
        second = Build("silent")
        second.child = running.child
        second.thread.start()
        time.sleep(0.3)
        assert len(children()) == 1
        running.child.cancel()
        second.thread.join(10)
        assert type(second.error) is CancelledError


def test_many_builds_leave_no_descriptor_open():
    build("good")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with contextlib.suppress(EngineError):
            build("killed")
        with contextlib.suppress(EngineError):
            PlanChild(["/nowhere/python"], MonotonicClock()).build(lambda _: None)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_words_that_start_the_real_one(tmp_path):
    settings = Settings.model_validate({"tensorrt": {"precision": "fp32", "workspace_mb": 512}})
    words = build_command(settings, tmp_path)
    assert words[:4] == [sys.executable, "-m", "engines.cli", "build"]
    assert words[words.index("--precision") + 1] == "fp32"
    assert words[words.index("--workspace-mb") + 1] == "512"
    assert words[words.index("--out") + 1] == str(tmp_path)


def runs(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
