import itertools
import time

import numpy as np
import pytest

from edge.buffers import DoubleBuffer
from edge.capture.fault import Fault
from edge.capture.source import EndOfStream
from edge.errors import DeviceError
from edge.feed import REOPEN_AFTER_S, SILENT_AFTER_S, Feed
from edge.health import StreamHealth
from edge.samples import Frame
from edge.sync.stamps import StampGuard
from tests.fakes import FakeClock, ScriptedSource

NS = 1_000_000_000


class Rig:
    def __init__(self, source, guard=None, watch=None):
        self.clock = FakeClock()
        self.told = []
        self.openings = []
        self.buffer = DoubleBuffer(30)
        health = StreamHealth("video", 30.0, lambda name, state, detail: self.told.append((state, detail["reason"])))
        self.health = health
        self.feed = Feed(source, self.buffer, health, self.clock, lambda: self.openings.append(1), guard, watch)

    def step(self, times=1):
        for _ in range(times):
            self.feed.wake()  # no test waits
            self.feed.step()

    def wait(self, seconds):
        self.clock.advance(round(seconds * NS))


def test_samples_reach_the_buffer_and_the_status_says_online():
    rig = Rig(ScriptedSource(["a", "b"]))
    rig.step(2)
    assert rig.buffer.swap() == ["a", "b"]
    assert rig.told == [("online", None)]
    assert len(rig.openings) == 1


def test_a_lost_device_is_opened_again_and_counted():
    source = ScriptedSource(["a", DeviceError("the camera went away"), "b"], openings=[None, "still away", None])
    rig = Rig(source)
    rig.step(2)
    for wait_s in (0.5, 1.0):
        rig.step()
        assert not source.is_open, "not before the wait is over"
        rig.wait(wait_s)
        rig.step()
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
    for _ in range(5):
        rig.clock.advance(int(REOPEN_AFTER_S / 5 * NS))
        rig.step()
    assert rig.told[-1][0] == "offline"
    rig.wait(0.5)
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


def test_the_wait_grows_to_half_a_minute():
    source = ScriptedSource([], openings=["away"] * 100)
    rig = Rig(source)
    tries_s = []
    for tenth in range(3000):
        before = source.opened
        rig.step()
        if source.opened > before:
            tries_s.append(tenth / 10)
        rig.wait(0.1)
    waits_s = [round(later - earlier, 1) for earlier, later in itertools.pairwise(tries_s)]
    assert waits_s[:6] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
    assert set(waits_s[6:]) == {30.0}


def test_a_device_that_may_be_back_is_tried_at_once():
    source = ScriptedSource(["a"], openings=["away"] * 12)
    rig = Rig(source)
    while source.opened < 12:
        rig.wait(30)
        rig.step()
    rig.wait(0.1)
    rig.step()
    assert not source.is_open
    source.there = "a new device node"
    rig.step()
    assert source.is_open


def test_what_came_during_an_attempt_is_news():
    class Slow(ScriptedSource):
        def open(self):
            if self.opened == 5:
                self.there = "a new device node"  # udev is not done with it yet
            super().open()

    source = Slow(["a"], openings=["away"] * 6)
    rig = Rig(source)
    while source.opened < 6:
        rig.wait(30)
        rig.step()
    rig.wait(0.1)
    rig.step()
    assert source.is_open, "tried again at once, not after 16 s"


def test_a_device_that_gives_one_sample_and_is_lost_again_is_left_alone_for_longer_and_longer():
    class Flapping(ScriptedSource):
        def read(self, timeout_s):
            if self.opened > len(opened_s):
                opened_s.append((rig.clock.now_ns() - began_ns) / NS)
                return "a"
            self.there = object()  # its address answers, again and again
            raise DeviceError("lost")

    opened_s = []
    rig = Rig(Flapping([]))
    began_ns = rig.clock.now_ns()
    for _ in range(1200):
        rig.step()
        rig.wait(0.1)
    assert len(opened_s) < 12, opened_s
    assert opened_s[-1] - opened_s[-2] > 25


def test_nobody_is_asked_for_a_device_that_is_not_wanted():
    source = ScriptedSource([], openings=["away"] * 5)
    rig = Rig(source)
    rig.step(3)
    assert source.asked_for
    rig.feed.want(False)
    rig.step(3)
    assert not source.asked_for
    assert source.closed == 1


def test_a_step_of_a_device_that_is_away_is_short():
    rig = Rig(ScriptedSource([], openings=["away"] * 100))
    for _ in range(12):
        rig.step()
        rig.wait(30)
    began = time.monotonic()
    rig.feed.step()
    assert time.monotonic() - began < 10, "the heartbeat of its stage goes on through 30 s of waiting"


class FaultyBetween:
    """A watch that finds this fault in the samples from one number to another."""

    def __init__(self, first, last, fault):
        self._span = range(first, last)
        self._fault = fault
        self._seen = 0
        self.reopenings = 0

    def step(self, _item):
        self._seen += 1
        return self._fault if self._seen - 1 in self._span else None

    def reopened(self):
        self.reopenings += 1


def test_what_is_of_no_use_is_passed_on_to_nobody():
    rig = Rig(ScriptedSource(list("abcdef")), watch=FaultyBetween(2, 4, Fault("its picture is frozen", masks=True)))
    rig.step(4)
    assert rig.told[-1] == ("degraded", "Camera 'scripted': its picture is frozen")
    rig.wait(2)
    assert not rig.feed.delivering, "nobody waits for it"
    rig.step(2)
    assert rig.buffer.swap() == ["a", "b", "e", "f"]
    assert [state for state, _ in rig.told] == ["online", "degraded", "online"]
    assert rig.feed.delivering


def test_a_fault_that_does_no_harm_is_only_told():
    rig = Rig(ScriptedSource(list("abc")), watch=FaultyBetween(1, 3, Fault("its picture is black")))
    rig.step(3)
    assert rig.buffer.swap() == ["a", "b", "c"]
    assert rig.told[-1] == ("degraded", "Camera 'scripted': its picture is black")


def test_a_frozen_device_is_read_and_opened_anew_at_growing_distances():
    watch = FaultyBetween(1, 10**6, Fault("its picture is frozen", masks=True, reopens=True))
    source = ScriptedSource(["a"] * 2000)
    rig = Rig(source, watch=watch)
    opened_s = []
    for second in range(130):
        before = source.opened
        for _ in range(10):
            rig.step()
        if source.opened > before:
            opened_s.append(second)
        rig.wait(1)
    assert opened_s == [0, 5, 10, 20, 40, 70, 100]
    assert watch.reopenings == 7
    assert [state for state, _ in rig.told] == ["online", "degraded"], "one change of state, however often it is opened"
    assert rig.health.reconnects_last_hour(rig.clock.now_ns()) == 6


def test_it_is_opened_anew_when_the_machine_has_slept():
    source = ScriptedSource(list("abcd"))
    rig = Rig(source)
    rig.step(2)
    rig.feed.renew()
    rig.step(2)
    assert (source.opened, source.closed) == (2, 1)
    assert len(rig.openings) == 2
    assert [state for state, _ in rig.told] == ["online"]
    assert rig.health.reconnects_last_hour(rig.clock.now_ns()) == 0


LOST = DeviceError("it has been lost")


@pytest.mark.parametrize("slept", [False, True])
@pytest.mark.parametrize(
    ("then", "openings"), [(["b", "c"], 1), ([None, "c"], 1), ([LOST, "c"], 2), (["b", LOST, "c"], 2)]
)
def test_a_device_is_not_to_blame_for_the_time_in_which_we_stood_still(then, openings, slept):
    source = ScriptedSource(["a", *then])
    rig = Rig(source)
    rig.step()
    if slept:
        rig.clock.asleep_ns += 3600 * NS
    else:
        rig.wait(10)
    rig.step()
    assert rig.buffer.swap() == ["a"], "what came is old"
    rig.step(len(then) - 1)
    assert rig.buffer.swap() == ["c"]
    assert [state for state, _ in rig.told] == ["online"]
    assert source.opened == openings, "whoever notices the stop has it opened anew"
    assert rig.health.reconnects_last_hour(rig.clock.now_ns()) == rig.health.stalls_last_hour(rig.clock.now_ns()) == 0


def test_a_device_that_takes_long_to_be_given_up_is_lost_all_the_same():
    source = ScriptedSource(["a", LOST, "b"])
    rig = Rig(source)
    rig.step()
    close = source.close
    source.close = lambda: (rig.wait(3), close())
    rig.step()
    assert rig.told[1:] == [("offline", str(LOST))]
    assert rig.health.reconnects_last_hour(rig.clock.now_ns()) == 1


def test_a_slow_camera_is_not_silent_between_its_pictures():
    source = ScriptedSource([])
    rig = Rig(source)
    for _ in range(8):
        source._script.append("a")
        rig.step()
        for _ in range(4):
            rig.wait(0.3)
            rig.step()
    assert [state for state, _ in rig.told][-1] == "online"
    rig.wait(1.0)
    rig.step()
    assert rig.told[-1][0] == "degraded", "lost, all the same, within two seconds"


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
    assert rig.told[-1][1] == "Camera 'scripted': its time stamps lie in the future; it is aligned by arrival"
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
