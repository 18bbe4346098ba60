from __future__ import annotations

import random

from edge.publish.mqtt.contest import CALM_S, Contest


def test_thrown_out_twice_within_ten_seconds_is_a_fight_and_once_is_not():
    contest = Contest()
    contest.thrown_out(100.0, told=False)
    assert not contest.on
    contest.thrown_out(109.0, told=False)
    assert contest.on
    assert contest.yields


def test_the_one_that_the_other_yields_to_notices_it_too_and_stays():
    contest = Contest()
    for moment in (100.0, 125.0):
        contest.thrown_out(moment, told=False)
        assert not contest.on
    contest.thrown_out(150.0, told=False)
    assert contest.on
    assert not contest.yields


def test_thrown_out_now_and_then_is_none():
    contest = Contest()
    for number in range(100):
        contest.thrown_out(61.0 * number, told=False)
    assert not contest.on


def test_a_broker_that_says_so_is_believed_at_once():
    contest = Contest()
    contest.thrown_out(100.0, told=True)
    assert contest.on


def test_it_ends_when_a_connection_has_lasted_and_is_told_once():
    contest = Contest()
    contest.thrown_out(0.0, told=True)
    contest.connected(30.0)
    assert not contest.has_ended(30.0 + CALM_S)
    assert contest.has_ended(31.0 + CALM_S)
    assert not contest.has_ended(32.0 + CALM_S)
    contest.thrown_out(100.0, told=False)
    assert not contest.on


def test_two_that_step_back_do_not_come_back_together_and_calm_is_longer_than_their_delay():
    delays = [Contest(random.Random(seed)).delay_s() for seed in range(100)]
    assert len(set(delays)) == 100
    assert 15 < min(delays) <= max(delays) <= 30 < CALM_S
