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


def test_the_guess_holds_until_a_whole_span_is_measured():
    delay = ArrivalDelay(initial_ms=60)
    now = feed(delay, 0, 9, 25)
    assert delay.closing_ms == 60
    assert delay.p95_ms() == pytest.approx(25)
    feed(delay, now, 2, 25)
    assert delay.closing_ms == pytest.approx(25)


def test_it_is_the_95th_percentile():
    delay = ArrivalDelay()
    feed(delay, 0, 3, 30, np.random.default_rng(0))
    assert delay.p95_ms() == pytest.approx(49, abs=1.5)


def test_the_value_in_use_changes_at_most_once_a_minute_even_when_devices_come_and_go():
    delay = ArrivalDelay()
    changes = []
    now, seen = 0, delay.closing_ms
    for second in range(300):
        if second % 37 == 0:
            delay.reset()
        now = feed(delay, now, 1, 20 + second % 90)
        if delay.closing_ms != seen:
            seen = delay.closing_ms
            changes.append(now)
    assert len(changes) >= 3
    assert (np.diff(changes) >= 59_000).all()


def test_a_reopened_device_is_measured_afresh():
    delay = ArrivalDelay(initial_ms=60)
    feed(delay, 0, 11, 120)
    delay.reset()
    assert delay.closing_ms == pytest.approx(120), "it holds until it may change"
    feed(delay, 70_000, 9, 10)
    assert delay.closing_ms == pytest.approx(120)
    feed(delay, 79_000, 2, 10)
    assert delay.closing_ms == pytest.approx(10)


def test_what_is_remembered_is_bounded():
    delay = ArrivalDelay()
    feed(delay, 0, 40, 25)
    assert len(delay._delays) <= 302
