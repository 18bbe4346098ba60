"""When a device that is away is tried again."""

import itertools
import time

from edge.errors import DeviceError
from tests.edge.feed_rig import NS, FeedRig
from tests.fakes import ScriptedSource


def test_the_wait_grows_to_half_a_minute():
    source = ScriptedSource([], openings=["away"] * 100)
    rig = FeedRig(source)
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
    rig = FeedRig(source)
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
    rig = FeedRig(source)
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
    rig = FeedRig(Flapping([]))
    began_ns = rig.clock.now_ns()
    for _ in range(1200):
        rig.step()
        rig.wait(0.1)
    assert len(opened_s) < 12, opened_s
    assert opened_s[-1] - opened_s[-2] > 25


def test_nobody_is_asked_for_a_device_that_is_not_wanted():
    source = ScriptedSource([], openings=["away"] * 5)
    rig = FeedRig(source)
    rig.step(3)
    assert source.asked_for
    rig.feed.want(False)
    rig.step(3)
    assert not source.asked_for
    assert source.closed == 1


def test_a_step_of_a_device_that_is_away_is_short():
    rig = FeedRig(ScriptedSource([], openings=["away"] * 100))
    for _ in range(12):
        rig.step()
        rig.wait(30)
    began = time.monotonic()
    rig.feed.step()
    assert time.monotonic() - began < 10, "the heartbeat of its stage goes on through 30 s of waiting"


def test_a_device_that_comes_anew_at_every_attempt_is_not_tried_all_the_time():
    class Resetting(ScriptedSource):
        def presence(self):
            return rig.clock.now_ns()  # a new device node each time

    source = Resetting([], openings=["it resets itself"] * 1000)
    rig = FeedRig(source)
    for _ in range(3000):
        rig.step()
        rig.wait(0.1)
    assert 20 < source.opened < 80, "in five minutes"
