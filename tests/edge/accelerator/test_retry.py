from __future__ import annotations

from edge.accelerator.retry import FIRST_S, MOST_S, SETTLED_S, Retry
from edge.clock import NS_PER_S
from tests.fakes import FakeClock


def test_the_first_attempt_is_due_at_once():
    assert Retry(FakeClock()).left_s == 0


def test_each_failure_doubles_the_wait_up_to_ten_minutes():
    clock = FakeClock()
    retry = Retry(clock)
    waits = []
    for _ in range(8):
        waits.append(retry.failed())
        assert retry.left_s == waits[-1]
        clock.advance(int(waits[-1] * NS_PER_S) - 1)
        assert retry.left_s > 0
        clock.advance(1)
        assert retry.left_s == 0
    assert waits == [30, 60, 120, 240, 480, 600, 600, 600]
    assert (FIRST_S, MOST_S) == (30, 600)


def test_what_fails_soon_after_it_worked_waits_longer_still():
    clock = FakeClock()
    retry = Retry(clock)
    retry.failed()
    retry.worked()
    clock.advance(int(SETTLED_S * NS_PER_S) - 1)
    assert retry.failed() == 60


def test_what_worked_for_long_begins_afresh():
    clock = FakeClock()
    retry = Retry(clock)
    for _ in range(5):
        retry.failed()
    retry.worked()
    clock.advance(int(SETTLED_S * NS_PER_S))
    assert retry.failed() == 30
    clock.advance(int(SETTLED_S * NS_PER_S))
    assert retry.failed() == 60, "it has not worked since"
