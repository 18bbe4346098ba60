"""Devices that deliver, but nothing of use, or at no believable time."""

import numpy as np

from edge.capture.fault import Fault
from edge.samples import Frame
from edge.sync.stamps import StampGuard
from tests.edge.feed_rig import NS, FeedRig
from tests.fakes import ScriptedSource


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
    rig = FeedRig(ScriptedSource(list("abcdef")), watch=FaultyBetween(2, 4, Fault("its picture is frozen", masks=True)))
    rig.step(4)
    assert rig.told[-1] == ("degraded", "Camera 'scripted': its picture is frozen")
    rig.wait(2)
    assert not rig.feed.delivering, "nobody waits for it"
    rig.step(2)
    assert rig.buffer.swap() == ["a", "b", "e", "f"]
    assert [state for state, _ in rig.told] == ["online", "degraded", "online"]
    assert rig.feed.delivering


def test_a_fault_that_does_no_harm_is_only_told():
    rig = FeedRig(ScriptedSource(list("abc")), watch=FaultyBetween(1, 3, Fault("its picture is black")))
    rig.step(3)
    assert rig.buffer.swap() == ["a", "b", "c"]
    assert rig.told[-1] == ("degraded", "Camera 'scripted': its picture is black")


def test_a_frozen_device_is_read_and_opened_anew_at_growing_distances():
    watch = FaultyBetween(1, 10**6, Fault("its picture is frozen", masks=True, reopens=True))
    source = ScriptedSource(["a"] * 2000)
    rig = FeedRig(source, watch=watch)
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


def test_stamps_of_another_clock_degrade_the_stream_until_they_are_good_again():
    clock_off_ns = 3600 * NS
    source = ScriptedSource([])
    rig = FeedRig(source, StampGuard(live=True))
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
