import numpy as np
import pytest

from edge.sync.arrival import ArrivalDelay

MS = 1_000_000


def feed(delay, start_ms, seconds, ms, rng=None):
    for k in range(int(seconds * 30)):
        t_ns = int((start_ms + k * 1000 / 30) * MS)
        extra = 0 if rng is None else int(rng.uniform(0, 20) * MS)
        delay.add(t_ns, t_ns + int(ms * MS) + extra)
    return start_ms + seconds * 1000


def test_the_guess_holds_until_something_is_measured():
    delay = ArrivalDelay(initial_ms=60)
    assert delay.closing_ms == 60
    feed(delay, 0, 3, 25)
    assert delay.closing_ms == pytest.approx(25)


def test_it_is_the_95th_percentile():
    delay = ArrivalDelay()
    feed(delay, 0, 3, 30, np.random.default_rng(0))
    assert delay.p95_ms() == pytest.approx(49, abs=1.5)


def test_the_closing_time_moves_at_most_once_a_minute_after_it_settled():
    delay = ArrivalDelay()
    now = feed(delay, 0, 30, 20)
    changes = set()
    for step in range(50):
        now = feed(delay, now, 1, 20 + step)
        changes.add(round(delay.closing_ms))
    assert len(changes) <= 2
    assert delay.p95_ms() > 60


def test_a_reopened_device_starts_afresh():
    delay = ArrivalDelay(initial_ms=60)
    feed(delay, 0, 5, 120)
    delay.reset()
    assert delay.closing_ms == 60
    feed(delay, 10_000, 5, 10)
    assert delay.closing_ms == pytest.approx(10)
