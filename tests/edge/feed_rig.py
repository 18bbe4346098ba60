"""A feed on a clock that is stepped by hand, and everything that it told."""

from edge.buffers import DoubleBuffer
from edge.feed import Feed
from edge.health import StreamHealth
from tests.fakes import FakeClock

NS = 1_000_000_000


class FeedRig:
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
