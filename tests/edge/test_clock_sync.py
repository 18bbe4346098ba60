"""Whether the wall clock can be believed, where the kernel may be asked and where it may not."""

from __future__ import annotations

import threading

import pytest

from edge import clock_sync
from edge.clock import NS_PER_S
from edge.clock_sync import ClockSync


class Bus:
    """Answers when it is let; counts the questions."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = threading.Semaphore(0)
        self.let = threading.Event()
        self.let.set()
        self.answered = 0

    def __call__(self):
        self.asked.release()
        assert self.let.wait(10)
        self.answered += 1
        return self.answer


@pytest.fixture(autouse=True)
def no_mark(monkeypatch, tmp_path):
    monkeypatch.setattr(clock_sync, "_MARK", tmp_path / "synchronized")
    return tmp_path / "synchronized"


def in_the_end(sync, answer):
    for _ in range(1000):
        if sync.synced() is answer:
            return True
        threading.Event().wait(0.01)
    return False


def asked_out():
    """Wait until no question is under way."""
    for thread in threading.enumerate():
        if thread.name == "clock-sync":
            thread.join(10)


@pytest.mark.parametrize("answer", [True, False])
def test_the_kernel_is_believed_and_nobody_else_asked(answer):
    bus = Bus(not answer)
    assert ClockSync(lambda: answer, bus).synced() is answer
    assert bus.answered == 0


def test_the_mark_of_timesyncd_is_enough(no_mark):
    no_mark.touch()
    assert ClockSync(lambda: False, Bus(False)).synced()


def test_a_year_that_cannot_be_is_never_right(monkeypatch):
    monkeypatch.setattr(clock_sync.time, "time", lambda: 1e9)
    assert not ClockSync(lambda: True, Bus(True)).synced()


def test_where_the_kernel_may_not_be_asked_the_bus_is_without_waiting_for_it():
    bus = Bus(True)
    bus.let.clear()
    sync = ClockSync(lambda: None, bus)
    assert not sync.synced()
    assert bus.asked.acquire(timeout=10)
    assert not sync.synced()  # one question is under way, and no other is asked
    bus.let.set()
    assert in_the_end(sync, True)
    assert bus.answered == 1


@pytest.mark.parametrize(("answer", "again_s"), [(True, 600), (False, 15), (None, 15)])
def test_it_is_asked_again_sparingly(monkeypatch, answer, again_s):
    now_s, bus = [1000], Bus(answer)
    monkeypatch.setattr(clock_sync.time, "time_ns", lambda: (now_s[0] + 1_800_000_000) * NS_PER_S)
    sync = ClockSync(lambda: None, bus, lambda: now_s[0] * NS_PER_S)
    sync.synced()
    assert bus.asked.acquire(timeout=10)
    asked_out()
    assert sync.synced() is bool(answer)
    now_s[0] += again_s - 1
    sync.synced()
    assert not bus.asked.acquire(timeout=0.2)
    now_s[0] += 1
    sync.synced()
    assert bus.asked.acquire(timeout=10)


@pytest.mark.parametrize("by_s", [3600, -3600])
def test_a_clock_that_was_set_is_not_believed_until_the_bus_says_so(monkeypatch, by_s):
    ahead_s, bus = [1_800_000_000], Bus(True)
    monkeypatch.setattr(clock_sync.time, "time_ns", lambda: (ahead_s[0] + 1000) * NS_PER_S)
    sync = ClockSync(lambda: None, bus, lambda: 1000 * NS_PER_S)
    assert in_the_end(sync, True)
    asked_out()
    bus.let.clear()
    ahead_s[0] += by_s
    assert not sync.synced()
    bus.let.set()
    assert in_the_end(sync, True)
    assert bus.answered == 2


def test_a_bus_that_is_not_there_is_no_answer(monkeypatch, tmp_path):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")
    assert clock_sync.timedated_says() is None


def test_this_kernel_answers():
    assert clock_sync.kernel_says() in (True, False)
