from __future__ import annotations

from edge.publish.homeassistant.birth import LONGEST_DELAY_S, Birth


def test_nothing_is_due_before_a_birth():
    assert not Birth().due(1e9)


def test_it_is_due_once_after_the_delay():
    birth = Birth(lambda: 3.0)
    birth.heard(b"online", 10.0)
    assert [birth.due(now_s) for now_s in (10.0, 12.9, 13.0, 13.1)] == [False, False, True, False]


def test_a_second_birth_begins_the_wait_again():
    birth = Birth(iter([3.0, 3.0]).__next__)
    birth.heard(b"online", 10.0)
    birth.heard(b"online", 12.0)
    assert not birth.due(14.0)
    assert birth.due(15.0)


def test_a_home_assistant_that_goes_is_not_told():
    birth = Birth(lambda: 3.0)
    birth.heard(b"online", 10.0)
    birth.heard(b"offline", 11.0)
    assert not birth.due(20.0)


def test_delays_differ_and_have_a_limit():
    waits = set()
    for _ in range(50):
        birth = Birth()
        birth.heard(b"online", 0.0)
        assert birth.due(LONGEST_DELAY_S)
        birth.heard(b"online", 0.0)
        waits.add(next(step for step in range(51) if birth.due(step * LONGEST_DELAY_S / 50)))
    assert len(waits) > 5
