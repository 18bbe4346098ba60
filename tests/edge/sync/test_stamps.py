import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.samples import RATE_HZ, Chunk, Frame
from edge.sync.rhythm import BURSTS, SLOW
from edge.sync.stamps import StampGuard

MS = 1_000_000
S = 1_000 * MS
HOUR = 3600 * S
START = 50_000 * S
PICTURE = np.zeros((2, 2, 3), np.uint8)
DELAY = 30 * MS
CHUNK = 20 * MS


def camera(**options):
    return StampGuard(live=True, **options)


def frames(guard, stamps_ns, arrived_ns):
    """(stamp given, fault) of each frame; None where it was left out."""
    told = []
    for k, (t_ns, at_ns) in enumerate(zip(stamps_ns, arrived_ns, strict=True)):
        out = guard.step(Frame(int(t_ns), int(at_ns), k, PICTURE))
        told.append((None if out is None else out.t_ns, guard.fault))
    return told


def chunks(guard, stamps_ns, arrived_ns):
    sound = np.zeros(CHUNK * RATE_HZ // S, np.float32)
    told = []
    for k, (t_ns, at_ns) in enumerate(zip(stamps_ns, arrived_ns, strict=True)):
        out = guard.step(Chunk(int(t_ns), int(at_ns), k, sound))
        told.append((None if out is None else out.t_ns, guard.fault))
    return told


def steady(seconds, rate_hz=30, start_ns=START):
    """True moments of capture."""
    return start_ns + np.arange(int(seconds * rate_hz)) * (S // rate_hz)


def rises(given):
    stamps = [t_ns for t_ns, _ in given if t_ns is not None]
    return all(before < after for before, after in zip(stamps, stamps[1:], strict=False))


def test_good_stamps_go_through_untouched():
    moments = steady(10)
    jitter = np.random.default_rng(0).integers(0, 25 * MS, len(moments))
    told = frames(camera(), moments, moments + DELAY + jitter)
    assert [t_ns for t_ns, _ in told] == moments.tolist()
    assert {fault for _, fault in told} == {None}


@pytest.mark.parametrize("off_ns", [-HOUR, HOUR, -50 * MS, 300 * MS, -3 * S])
def test_one_bad_stamp_costs_one_picture_and_no_status(off_ns):
    moments = steady(4)
    stamps = moments.copy()
    stamps[60] += off_ns
    guard = camera()
    told = frames(guard, stamps, moments + DELAY)
    assert told[60][0] is None
    assert [t_ns for k, (t_ns, _) in enumerate(told) if k != 60] == np.delete(moments, 60).tolist()
    assert {fault for _, fault in told} == {None}
    assert guard.unbelieved == 1


@pytest.mark.parametrize("off_ns", [-HOUR, HOUR, -2 * S, 500 * MS])
def test_one_bad_stamp_costs_no_sound(off_ns):
    moments = steady(4, 50)
    stamps = moments.copy()
    stamps[60] += off_ns
    told = chunks(camera(), stamps, moments + CHUNK + 5 * MS)
    assert [t_ns for t_ns, _ in told] == moments.tolist()


@pytest.mark.parametrize(("off_ns", "words"), [(HOUR, "in the future"), (-HOUR, "far in the past"), (-5 * S, "past")])
def test_a_clock_that_jumped_for_good_is_replaced_by_the_arrival_and_heals(off_ns, words):
    moments = steady(20)
    stamps = moments.copy()
    stamps[150:400] += off_ns
    guard = camera()
    told = frames(guard, stamps, moments + DELAY)
    assert rises(told)
    changed = [t_ns is not None and fault is not None for t_ns, fault in told]
    first = changed.index(True)
    assert 150 < first < 150 + 12, "a third of a second is left out"
    redated = [(t_ns, moment) for (t_ns, _), moment in zip(told[first:400], moments[first:400], strict=True)]
    assert max(abs(t_ns - moment) for t_ns, moment in redated) < MS, "the usual delay is known from before"
    assert words in told[first][1]
    assert "aligned by arrival" in told[300][1]
    assert told[-1] == (moments[-1], None)


@pytest.mark.parametrize("good", [1, 20])
def test_a_few_good_stamps_of_a_wrong_clock_heal_nothing(good):
    moments = steady(8)
    stamps = moments - HOUR
    stamps[120 : 120 + good] += HOUR
    guard = camera()
    told = frames(guard, stamps, moments + DELAY)
    assert rises(told)
    assert all("aligned by arrival" in fault for _, fault in told[60:])


def test_pictures_of_a_wrong_clock_that_arrive_together_still_follow_one_another():
    moments = steady(4)
    arrived = moments + DELAY
    arrived[70:75] = arrived[75]
    told = frames(camera(), moments - HOUR, arrived)
    assert "aligned by arrival" in told[69][1]
    assert rises(told)


def test_a_stamp_that_goes_back_now_and_then_does_not_flip_the_status():
    moments = steady(30)
    stamps = moments.copy()
    stamps[::33] -= 100 * MS
    faults = [fault is not None for _, fault in frames(camera(), stamps, moments + DELAY)]
    assert sum(before != after for before, after in zip(faults, faults[1:], strict=False)) == 1


def test_sound_of_a_wrong_clock_keeps_its_rhythm():
    moments = steady(10, 50)
    jitter = np.random.default_rng(1).integers(0, 40 * MS, len(moments))
    told = chunks(camera(), moments - HOUR, moments + CHUNK + jitter)
    stamps = np.asarray([t_ns for t_ns, _ in told])
    assert rises(told)
    assert np.abs(np.diff(stamps)[50:] - CHUNK).max() <= MS, "even, however unevenly it arrives"
    assert np.abs(stamps - moments)[50:].max() < 60 * MS
    assert "aligned by arrival" in told[-1][1]


@pytest.mark.parametrize(("back_ns", "anew"), [(250 * MS, 0), (700 * MS, 1)])
def test_a_time_base_that_went_back_a_little_is_believed_after_a_while(back_ns, anew):
    """250 ms have been caught up before it is sure: nothing begins anew."""
    moments = steady(8)
    stamps = moments.copy()
    stamps[90:] -= back_ns
    guard = camera()
    restarts = []
    for k, (t_ns, at_ns) in enumerate(zip(stamps, moments + DELAY, strict=True)):
        out = guard.step(Frame(int(t_ns), int(at_ns), k, PICTURE))
        if guard.restarted:
            restarts.append(k)
        if k >= 102:
            assert out is not None
            assert out.t_ns == t_ns
    assert len(restarts) == anew
    assert guard.fault is None


def test_stamps_that_keep_going_back_are_named():
    moments = steady(8)
    stamps = moments.copy()
    stamps[30::4] -= 60 * MS
    guard = camera()
    told = frames(guard, stamps, moments + DELAY)
    assert rises(told)
    assert "go back" in told[-1][1]
    assert sum(t_ns is None for t_ns, _ in told) == len(stamps[30::4])
    good = steady(5, start_ns=int(moments[-1]) + S // 30)
    assert frames(guard, good, good + DELAY)[-1] == (good[-1], None), "it heals"


def test_stamps_that_repeat_are_named():
    moments = steady(4)
    told = frames(camera(), np.repeat(moments[::2], 2), moments + DELAY)
    assert rises(told)
    assert "repeat" in told[-1][1]


def test_a_stamp_that_stands_still_is_replaced_by_the_arrival():
    moments = steady(6)
    stamps = moments.copy()
    stamps[60:] = stamps[60]
    told = frames(camera(), stamps, moments + DELAY)
    assert rises(told)
    assert "repeat" in told[80][1]
    assert abs(told[80][0] - moments[80]) < MS
    assert told[-1][1] is not None


def test_a_burst_of_old_samples_is_no_new_clock():
    """A stopped process, or a sound server that held back: many consistent stamps, all at once."""
    moments = steady(10, 50)
    arrived = moments + CHUNK + 5 * MS
    arrived[100:250] = arrived[250]
    guard = camera()
    told = chunks(guard, moments, arrived)
    assert guard.by_arrival is None
    assert told[-1] == (moments[-1], None)
    assert all(fault is None or "arrival" not in fault for _, fault in told)


def test_sound_that_piles_up_keeps_its_stamps_however_late():
    """A callback that is too slow: each run of 20 ms comes 1 ms later than the one before, until nothing is lost."""
    moments = steady(200, 50)
    late = np.minimum(np.arange(len(moments)) * MS, 4 * S)
    guard = camera()
    told = chunks(guard, moments, moments + CHUNK + DELAY + late)
    assert [t_ns for t_ns, _ in told] == moments.tolist()
    assert guard.unbelieved == 0


def test_sound_that_is_late_all_at_once_is_on_another_clock():
    moments = steady(6, 50)
    stamps = moments - np.where(np.arange(len(moments)) < 100, 0, 2 * S)
    guard = camera()
    chunks(guard, stamps, moments + CHUNK + DELAY)
    assert guard.by_arrival == "behind"


def test_bursts_are_named_and_heal():
    moments = steady(8)
    arrived = moments + DELAY
    for first in range(0, len(moments) - 15, 15):
        arrived[first : first + 15] = arrived[first + 14]
    guard = camera()
    told = frames(guard, moments, arrived)
    assert told[-1][1] == BURSTS
    good = steady(8, start_ns=int(moments[-1]) + S // 30)
    assert frames(guard, good, good + DELAY)[-1][1] is None


def test_a_camera_that_becomes_slow_does_not_come_in_bursts():
    moments = np.concatenate([steady(3), steady(5, 5, start_ns=START + 3 * S)])
    jitter = np.random.default_rng(2).integers(0, 20 * MS, len(moments))
    told = frames(camera(slow_hz=9.0), moments, moments + jitter)
    assert {fault for _, fault in told} == {None, SLOW}


def test_five_pictures_a_second_are_named_and_used():
    moments = steady(6, 5)
    guard = camera(slow_hz=9.0)
    told = frames(guard, moments, moments + DELAY)
    assert [t_ns for t_ns, _ in told] == moments.tolist()
    assert told[-1][1] == SLOW
    good = steady(6, 30, start_ns=int(moments[-1]) + S // 30)
    assert frames(guard, good, good + DELAY)[-1][1] is None


def test_a_file_may_be_read_late_but_not_backwards():
    moments = steady(4)
    stamps = moments.copy()
    stamps[40] -= 200 * MS
    guard = StampGuard(live=False)
    told = frames(guard, stamps, moments + 5 * S)
    assert [k for k, (t_ns, _) in enumerate(told) if t_ns is None] == [40]
    assert guard.by_arrival is None


def test_a_reopened_device_may_have_another_clock():
    moments = steady(4)
    guard = camera()
    frames(guard, moments + HOUR, moments + DELAY)
    assert guard.fault is not None
    guard.reopened()
    later = steady(1, start_ns=int(moments[-1]) + S)
    assert frames(guard, later, later + DELAY)[0][0] == later[0]


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 0, 0, 0, 1, -1, 40 * MS, -40 * MS, -S, S, HOUR, -HOUR, 10**17, -(10**17)]),
            st.integers(0, 60 * MS),
        ),
        min_size=1,
        max_size=120,
    ),
    st.booleans(),
)
def test_whatever_comes_the_stamps_rise_and_lie_near_the_clock(script, sound):
    guard = camera(slow_hz=9.0)
    at_ns = START
    given = []
    for off_ns, step_ns in script:
        at_ns += step_ns
        told = (chunks if sound else frames)(guard, [at_ns - DELAY + off_ns], [at_ns])
        if guard.restarted:
            given = []
        given += told
        for t_ns, _ in told:
            assert t_ns is None or -S <= at_ns - t_ns <= 3 * S or sound
    assert rises(given)
    good = at_ns + (np.arange(300) + 1) * 33 * MS
    told = (chunks if sound else frames)(guard, good - 70 * MS, good)
    assert told[-1][0] == good[-1] - 70 * MS, "it heals when the stamps are good again"
    assert "stamps" not in (told[-1][1] or "")
