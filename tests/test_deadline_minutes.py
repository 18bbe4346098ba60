import math

from tests.deadline_minutes import Heard, cores_used, report


def heard(seq, after_ms, *, missed=False, filled_in=0.0):
    t_ns = seq * 200_000_000
    sync = {"deadline_missed": missed, "interpolated": {"video": filled_in, "audio": 0.0}}
    return Heard({"seq": seq, "t_ns": t_ns, "sync": sync}, t_ns + int(after_ms * 1_000_000))


def test_ticks_that_were_missed_in_any_way_are_counted_once():
    messages = [heard(k, 40.0) for k in range(130) if k != 60]
    messages[70] = heard(71, 205.0, missed=True, filled_in=1.0)
    messages[80] = heard(81, 300.0)
    made = report(messages, 1.0)
    assert made.ticks == 105, "the first five seconds are left out"
    assert made.answered == 104
    assert (made.without_judge, made.late, made.filled_in) == (1, 1, 1)
    assert made.missed == 3
    assert (made.p50_ms, made.max_ms) == (40.0, 300.0)


def test_cores_are_cpu_time_by_time():
    assert cores_used([(10.0, 4.0), (15.0, 6.0), (20.0, 9.0)]) == 0.5
    assert math.isnan(cores_used([(10.0, 4.0)]))
