import threading
import time

import pytest

from edge.clock import MonotonicClock
from edge.flight import Flight
from tests.fakes import FakeClock

MS = 1_000_000
FAR_NS = 20_000 * MS


class Worker:
    """A real thread that takes jobs, is held up by a gate, and lands them."""

    def __init__(self, flight):
        self.gate = threading.Event()
        self.began = threading.Event()
        self.landed = []
        self.stopping = False
        self._flight = flight
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self.stopping:
            job = self._flight.take(0.05)
            if job is None:
                continue
            self.began.set()
            self.gate.wait()
            self.landed.append((job, self._flight.land(job, f"{job} done")))

    def stop(self):
        self.stopping = True
        self.gate.set()
        self._thread.join(5)


@pytest.fixture
def clock():
    return MonotonicClock()


@pytest.fixture
def flight(clock):
    return Flight(clock)


@pytest.fixture
def worker(flight):
    worker = Worker(flight)
    yield worker
    worker.stop()


def test_a_job_in_time_brings_its_own_result(clock, flight, worker):
    worker.gate.set()
    jobs = [f"job {k}" for k in range(50)]
    assert [flight.fly(job, clock.now_ns() + FAR_NS) for job in jobs] == [f"{job} done" for job in jobs]
    assert (flight.overtaken, flight.withdrawn) == (0, 0)


def test_a_blocked_worker_is_overtaken_and_its_late_result_thrown_away(clock, flight, worker):
    assert flight.fly("slow", clock.now_ns() + 30 * MS) is None
    assert worker.began.is_set()
    assert flight.fly("never begun", clock.now_ns() + 30 * MS) is None
    assert flight.withdrawn == 1
    threading.Timer(0.05, worker.gate.set).start()
    assert flight.fly("next", clock.now_ns() + FAR_NS) == "next done", "normal again as soon as the worker is free"
    assert worker.landed == [("slow", False), ("next", True)]
    assert flight.overtaken == 1


def test_when_the_time_is_over_nobody_waits():
    clock = FakeClock()
    flight = Flight(clock)
    assert flight.fly("late", clock.now_ns()) is None
    assert flight.take(0.0) is None, "what nobody wants is not begun"
    assert flight.withdrawn == 1


def test_a_result_that_lands_between_two_jobs_is_not_taken_for_the_next_one():
    clock = FakeClock()
    flight = Flight(clock)
    offered = threading.Thread(target=flight.fly, args=("first", clock.now_ns() + FAR_NS))
    offered.start()
    first = flight.take(5.0)
    clock.advance(FAR_NS)
    with flight._changed:
        flight._changed.notify_all()
    offered.join(5)
    assert not flight.land(first, "first done")
    assert flight.fly("second", clock.now_ns()) is None


def test_it_knows_how_long_jobs_take():
    clock = FakeClock()
    flight = Flight(clock)
    for k in range(50):
        flight._wanted = flight._waiting = "job"
        job = flight.take(0.0)
        clock.advance((7 if k % 10 else 900) * MS)
        flight.land(job, "done")
    assert flight.usual_ns == 7 * MS


def test_closing_ends_every_wait(clock, flight):
    began = time.monotonic()
    threading.Timer(0.05, flight.close).start()
    assert flight.fly("job", clock.now_ns() + FAR_NS) is None
    assert flight.take(20.0) is None
    assert time.monotonic() - began < 10
