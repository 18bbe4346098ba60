from __future__ import annotations

import random

from edge.publish.mqtt.back_off import LONGEST_NEARBY_S, LONGEST_S, SHORTEST_S, BackOff


def delays(seed: int, tries: int = 40) -> list[float]:
    back_off = BackOff(random.Random(seed))
    return [back_off.next_s() for _ in range(tries)]


def test_delays_stay_within_1_and_30_seconds_and_use_all_of_that():
    late = [delay for seed in range(200) for delay in delays(seed)[20:]]
    assert SHORTEST_S == 1
    assert LONGEST_S == 30
    assert all(SHORTEST_S <= delay <= LONGEST_S for seed in range(200) for delay in delays(seed))
    assert min(late) < 2
    assert max(late) > 29


def test_a_hundred_devices_that_lost_their_broker_together_do_not_come_back_together():
    for attempt in range(20):
        moments = sorted(delays(seed)[attempt] for seed in range(100))
        assert len(set(moments)) == 100
        tenth = (moments[-1] - moments[0]) / 10
        crowd = max(sum(begin <= moment < begin + tenth for moment in moments) for begin in moments)
        assert crowd < 30  # of 100 in any tenth of the time


def test_the_first_try_comes_soon_and_they_get_rarer():
    mean = [sum(delays(seed)[attempt] for seed in range(300)) / 300 for attempt in (0, 3, 6, 9, 12)]
    assert mean[0] < 2
    assert mean == sorted(mean)


def test_a_good_connection_begins_again_with_short_delays():
    back_off = BackOff(random.Random(1))
    assert max(back_off.next_s() for _ in range(30)) > 20
    back_off.reset()
    assert back_off.next_s() <= 2


def test_a_broker_on_this_machine_is_tried_every_second_or_two_for_ever():
    back_off = BackOff(random.Random(1))
    assert all(SHORTEST_S <= back_off.next_s(LONGEST_NEARBY_S) <= 2 for _ in range(2000))
