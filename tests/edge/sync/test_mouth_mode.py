"""What the motion of a mouth says about whether it speaks."""

import numpy as np
import pytest

from edge.sync.mouth_mode import MOVING_MEAN, RECENT_POINTS, STILL_MEAN, USUALLY_MOVES, MouthMode, recent_motion


def mouth(motion, points=100):
    channels = np.zeros((points, 3))
    channels[:, 2] = motion
    return channels


def test_a_still_mouth_speaks_less_likely_with_each_look():
    mode = MouthMode()
    assert sum(mode.step(mouth(STILL_MEAN), 1.0) for _ in range(5)) < -5


def test_a_mouth_that_moves_speaks_more_likely_but_motion_alone_never_convinces():
    mode = MouthMode()
    first = mode.step(mouth(MOVING_MEAN), 1.0)
    assert first > 0.3
    assert sum(mode.step(mouth(MOVING_MEAN), 1.0) for _ in range(10)) < -np.log(USUALLY_MOVES)


def test_a_mouth_that_has_moved_without_being_heard_gains_nothing_by_moving_on():
    chewing = MouthMode()
    for _ in range(10):
        chewing.step(mouth(MOVING_MEAN), 1.0)
    assert chewing.moves > 0.9
    assert chewing.step(mouth(MOVING_MEAN), 1.0) < 0.1


def test_more_motion_is_never_less_like_speech_and_one_look_is_never_beyond_doubt():
    looks = [MouthMode().step(mouth(motion), 1.0) for motion in (-1e300, -9.9, STILL_MEAN, MOVING_MEAN, 9.9, 1e300)]
    assert np.isfinite(looks).all()
    assert looks == sorted(looks)
    assert looks[0] > -5.0
    assert looks[-1] < -np.log(USUALLY_MOVES) + 1e-9


def test_nothing_new_or_nothing_known_says_nothing():
    assert MouthMode().step(mouth(MOVING_MEAN), 0.0) == 0.0
    assert MouthMode().step(mouth(np.nan), 1.0) == 0.0
    assert MouthMode().step(np.zeros((0, 3)), 1.0) == 0.0


def test_motion_is_that_of_the_newest_points_that_are_known():
    channels = mouth(STILL_MEAN)
    channels[-RECENT_POINTS:, 2] = MOVING_MEAN
    channels[-5:, 2] = np.nan
    assert recent_motion(channels) == pytest.approx(MOVING_MEAN)
    channels[-RECENT_POINTS + 5 :, 2] = np.inf
    assert recent_motion(channels) is None
