"""What people, programs and the service manager hear of a build."""

import io
import json
import os
import socket
import sys
from functools import partial

import pytest

from edge.notify import ServiceManager
from engines.build.phases import Phases
from engines.build.progress import BarProgress, JsonProgress, LineProgress, ManagerProgress, Step
from tests.fakes import FakeClock


def tell_all(progress):
    for percent in range(101):
        for _ in range(3):
            progress.tell(Step("face", "Timing", percent / 100))


def test_a_program_hears_each_percent_once(capsys):
    tell_all(JsonProgress())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == len({line["done"] for line in lines}) == 101
    assert lines[-1] == {"graph": "face", "phase": "Timing", "done": 1.0}


def test_a_build_for_a_daemon_that_was_killed_ends(monkeypatch):
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        progress = JsonProgress()
        progress.tell(Step("face", "Timing", 0.5))
        os.close(reader)
        with pytest.raises(BrokenPipeError):
            progress.tell(Step("face", "Timing", 0.5))  # nothing new to say, and noticed all the same


def test_a_person_without_a_bar_reads_a_line_for_every_tenth(capsys):
    tell_all(LineProgress())
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.split()[0] for line in said.err.splitlines()] == [str(ten) for ten in range(0, 101, 10)]


def test_a_bar_on_a_terminal_gets_to_its_end():
    tqdm = pytest.importorskip("tqdm", reason="tqdm is not installed: pip install 'edge-emotion[train]'").tqdm
    drawn = io.StringIO()
    progress = BarProgress(partial(tqdm, file=drawn))
    tell_all(progress)
    progress.close()
    assert "100 %" in drawn.getvalue()
    assert "face: Timing" in drawn.getvalue()
    assert drawn.getvalue().count("%|") < 100, "303 steps within a moment are not drawn one by one"


def test_the_manager_hears_how_far_it_is_and_gives_more_time(tmp_path):
    path = str(tmp_path / "notify")
    clock = FakeClock()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(10)
        progress = ManagerProgress(clock, ServiceManager(clock, {"NOTIFY_SOCKET": path}))
        for percent in (1, 2, 3):
            progress.tell(Step("face", "Timing", percent / 100))
            clock.advance(6_000_000_000)
        heard = [manager.recv(4096).decode() for _ in range(4)]
        manager.setblocking(False)
        with pytest.raises(BlockingIOError):
            manager.recv(4096)
    assert heard == [
        "STATUS=building the engine: 1 % (face, Timing)",
        "EXTEND_TIMEOUT_USEC=60000000",
        "STATUS=building the engine: 3 % (face, Timing)",
        "EXTEND_TIMEOUT_USEC=60000000",
    ]


def test_phases_within_phases_add_up():
    phases = Phases()
    phases.start("all", None, 2)
    phases.start("first", "all", 4)
    phases.step("first", 0)
    assert phases.fraction == pytest.approx(0.125)
    assert phases.name == "first"
    phases.finish("first")
    assert phases.fraction == pytest.approx(0.5)
    phases.start("again", "all", 2)  # a second phase within the same step begins at nothing
    phases.step("again", 0)
    assert phases.fraction == pytest.approx(0.5)
    phases.step("all", 0)
    phases.step("all", 1)
    phases.finish("all")
    assert phases.fraction == 1.0


def test_a_cancelled_compiler_is_told_so_and_is_no_further():
    phases = Phases()
    phases.start("all", None, 2)
    assert phases.step("all", 0)
    phases.cancel()
    assert not phases.step("all", 1)
    phases.finish("all")
    assert phases.fraction == 0.5
