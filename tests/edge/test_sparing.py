import pytest

from edge.sparing import LEAST_HZ, Sparing


def looked_at(sparing, hz, seconds=4.0, came=1):
    """How many pictures a second are looked at, when `came` are there each time somebody asks."""
    gap_ns = round(1e9 / hz)
    asked = [sparing.wants(number * gap_ns, came) for number in range(0, round(hz * seconds), came)]
    return sum(asked) / seconds


def test_at_full_pace_every_picture_is_wanted():
    assert looked_at(Sparing(LEAST_HZ), 30.0) == 30.0


@pytest.mark.parametrize(("camera_hz", "left_hz"), [(60.0, 30.0), (30.0, 15.0), (25.0, 12.5), (20.0, 10.0)])
def test_every_other_one_while_it_is_on(camera_hz, left_hz):
    sparing = Sparing(LEAST_HZ)
    sparing.on = True
    assert looked_at(sparing, camera_hz) == pytest.approx(left_hz, abs=0.5)


@pytest.mark.parametrize("camera_hz", [15.0, 10.0, 5.0, 1.0])
def test_a_slow_cameras_pictures_are_all_needed(camera_hz):
    sparing = Sparing(LEAST_HZ)
    sparing.on = True
    assert looked_at(sparing, camera_hz) == camera_hz


def test_who_is_behind_anyway_does_not_pass_over_more():
    sparing = Sparing(LEAST_HZ)
    sparing.on = True
    assert looked_at(sparing, 30.0, came=2) == 15.0


def test_a_camera_whose_time_went_back_is_looked_at():
    sparing = Sparing(LEAST_HZ)
    sparing.on = True
    assert sparing.wants(10**12, 1)
    assert sparing.wants(10**9, 1)
