import threading

import numpy as np
import pytest

from edge.buffers import DoubleBuffer
from edge.capture.source import EndOfStream
from edge.errors import DeviceError
from edge.feed import REOPEN_AFTER_S, SILENT_AFTER_S, Feed
from edge.health import StreamHealth
from edge.samples import Frame
from edge.sync.stamps import StampGuard
from tests.fakes import FakeClock, ScriptedSource

NS = 1_000_000_000


class Rig:
    def __init__(self, source, guard=None):
        self.clock = FakeClock()
        self.told = []
        self.openings = []
        self.buffer = DoubleBuffer(30)
        health = StreamHealth("video", 30.0, lambda name, state, detail: self.told.append((state, detail["reason"])))
        self.health = health
        self.feed = Feed(source, self.buffer, health, self.clock, lambda: self.openings.append(1), guard)
        self.feed.wake()  # no test waits for a back-off

    def step(self, times=1):
        for _ in range(times):
            self.feed.wake()
            self.feed.step()


def test_samples_reach_the_buffer_and_the_status_says_online():
    rig = Rig(ScriptedSource(["a", "b"]))
    rig.step(2)
    assert rig.buffer.swap() == ["a", "b"]
    assert rig.told == [("online", None)]
    assert len(rig.openings) == 1


def test_a_lost_device_is_opened_again_and_counted():
    source = ScriptedSource(["a", DeviceError("the camera went away"), "b"], openings=[None, "still away", None])
    rig = Rig(source)
    rig.step(4)
    assert rig.buffer.swap() == ["a", "b"]
    assert [state for state, _ in rig.told] == ["online", "offline", "offline", "online"]
    assert rig.told[1][1] == "the camera went away"
    assert rig.told[2][1] == "still away"
    assert source.opened == 3
    assert source.closed == 1
    assert rig.health.reconnects_last_hour(rig.clock.now_ns()) == 1


def test_a_device_that_says_nothing_is_degraded_and_then_opened_again():
    source = ScriptedSource(["a"])
    rig = Rig(source)
    rig.step()
    rig.clock.advance(int((SILENT_AFTER_S + 0.1) * NS))
    rig.step()
    assert rig.told[-1][0] == "degraded"
    rig.clock.advance(int(REOPEN_AFTER_S * NS))
    rig.step()
    assert rig.told[-1][0] == "offline"
    rig.step()
    assert source.opened == 2


def test_the_end_of_a_file_ends_the_feed():
    rig = Rig(ScriptedSource(["a", EndOfStream("end")], live=False))
    rig.step(3)
    assert rig.feed.ended.is_set()
    assert rig.buffer.swap() == ["a"]
    assert rig.told[-1][0] == "offline"


def test_a_file_that_cannot_be_opened_is_not_tried_for_ever():
    source = ScriptedSource([], live=False, openings=["clip.mp4 has no sound"] * 5)
    rig = Rig(source)
    rig.step(3)
    assert source.opened == 1
    assert rig.feed.ended.is_set()


def test_switching_off_releases_the_device_and_on_takes_it_back():
    source = ScriptedSource(["a", "b"])
    rig = Rig(source)
    rig.step()
    rig.feed.want(False)
    rig.step()
    assert not source.is_open
    assert rig.told[-1][0] == "disabled"
    rig.step(3)
    assert source.opened == 1
    rig.feed.want(True)
    rig.step()
    assert source.is_open
    assert rig.told[-1][0] == "online"


@pytest.mark.timeout(60)
def test_a_long_back_off_is_ended_by_stopping():
    source = ScriptedSource([], openings=["away"] * 100)
    rig = Rig(source)
    rig.step(12)  # the next back-off would last 30 s
    done = threading.Event()

    def step():
        rig.feed.step()
        done.set()

    thread = threading.Thread(target=step, daemon=True)
    thread.start()
    assert not done.wait(0.7)
    rig.feed.wake()
    assert done.wait(2.0)


def test_stamps_of_another_clock_degrade_the_stream_until_they_are_good_again():
    clock_off_ns = 3600 * NS
    source = ScriptedSource([])
    rig = Rig(source, StampGuard(live=True))
    picture = np.zeros((2, 2, 3), np.uint8)

    def play(frames, off_ns):
        for _ in range(frames):
            rig.clock.advance(NS // 30)
            now_ns = rig.clock.now_ns()
            source._script.append(Frame(now_ns - 20_000_000 + off_ns, now_ns, 0, picture))
            rig.step()

    play(60, 0)
    play(60, clock_off_ns)
    assert rig.told[-1][0] == "degraded"
    assert rig.told[-1][1] == "scripted: its time stamps lie in the future; it is aligned by arrival"
    play(150, 0)
    assert [state for state, _ in rig.told][-1] == "online"
    assert len(rig.openings) == 3, "opened once, and begun anew by the arrival and by the stamps"
    assert source.opened == 1
    stamps = [frame.t_ns for frame in rig.buffer.swap()]
    assert max(stamps) < rig.clock.now_ns()


def test_it_tells_whether_samples_can_be_waited_for():
    rig = Rig(ScriptedSource(["a"]))
    assert not rig.feed.delivering
    rig.step()
    assert rig.feed.delivering
    rig.clock.advance(int((SILENT_AFTER_S + 0.1) * NS))
    assert not rig.feed.delivering, "silent"
    rig = Rig(ScriptedSource(["a", EndOfStream("end")], live=False))
    rig.step(2)
    assert not rig.feed.delivering, "at its end"
    rig = Rig(ScriptedSource(["a", "b"]))
    rig.step()
    rig.feed.want(False)
    rig.step()
    assert not rig.feed.delivering, "switched off"
    rig = Rig(ScriptedSource(["a", DeviceError("away")], openings=[None, "away"]))
    rig.step(3)
    assert not rig.feed.delivering, "in back-off"
