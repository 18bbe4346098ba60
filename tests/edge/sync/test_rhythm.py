import numpy as np

from edge.sync.rhythm import BURSTS, SLOW, Rhythm

S = 1_000_000_000


def arrive(rhythm, hz, seconds, from_ns=0):
    """Gives when it ended."""
    moments_ns = from_ns + (np.arange(int(hz * seconds)) * S / hz).astype(int)
    for moment_ns in moments_ns:
        rhythm.step(int(moment_ns))
    return int(moments_ns[-1] + S / hz)


def test_a_camera_of_ten_pictures_a_second_is_enough_again_after_a_time_of_five():
    rhythm = Rhythm(9.0)
    now_ns = arrive(rhythm, 10, 10)
    assert rhythm.fault is None
    now_ns = arrive(rhythm, 5, 10, now_ns)
    assert rhythm.fault == SLOW
    arrive(rhythm, 10, 10, now_ns)
    assert rhythm.fault is None


def test_a_rate_near_the_limit_does_not_flap():
    rhythm, faults = Rhythm(9.0), []
    now_ns = arrive(rhythm, 5, 10)
    for hz in (8.9, 9.2, 8.8, 9.3, 9.1):
        now_ns = arrive(rhythm, hz, 5, now_ns)
        faults.append(rhythm.fault)
    assert set(faults) == {SLOW}


def test_what_comes_in_heaps_is_named():
    rhythm = Rhythm(9.0)
    for heap in range(20):
        for k in range(10):
            rhythm.step(heap * S // 2 + k * S // 1000)
    assert rhythm.fault == BURSTS
