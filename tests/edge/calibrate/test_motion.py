from __future__ import annotations

import numpy as np
import pytest

from edge.calibrate.motion import MotionMeter
from edge.samples import Frame


def energy_and_spread(*images):
    meter = MotionMeter()
    last = None
    for number, image in enumerate(images):
        last = meter.step(Frame(number * 40_000_000, 0, number, image.astype(np.uint8)))
    assert last.t_ns == (len(images) - 1) * 40_000_000
    return last.energy, last.spread


def room(level=90.0, noise=0.0, seed=0):
    rng = np.random.default_rng(seed)
    ramp = np.linspace(0.7, 1.3, 320)[None, :, None] * np.ones((240, 1, 3))
    return np.clip(level * ramp + rng.normal(0, noise, (240, 320, 3)), 0, 255)


def with_hands(left, right, **room_options):
    image = room(**room_options)
    for x in (left, right):
        image[90:150, x - 12 : x + 12] = 210
    return image


def test_nothing_moves_in_a_still_picture_however_noisy():
    energy, spread = energy_and_spread(room(noise=8, seed=1), room(noise=8, seed=2))
    assert energy < 0.02
    assert np.isnan(spread) or spread >= 0


def test_light_that_changes_moves_nothing():
    moved, _ = energy_and_spread(with_hands(100, 220), with_hands(110, 210))
    lit, _ = energy_and_spread(room(level=90), room(level=100))
    assert lit < 0.05 * moved


def test_hands_are_seen_while_the_light_changes():
    moved, _ = energy_and_spread(with_hands(100, 220), with_hands(110, 210))
    both, _ = energy_and_spread(with_hands(100, 220, level=90), with_hands(110, 210, level=110))
    assert both == pytest.approx(moved, rel=0.4)


def test_energy_grows_with_the_way_that_hands_make():
    energies = [energy_and_spread(with_hands(100, 220), with_hands(100 + x, 220 - x))[0] for x in (2, 4, 8, 16)]
    assert energies == sorted(energies)
    assert energies[2] == pytest.approx(2 * energies[1], rel=0.25)


def test_spread_narrows_as_hands_meet():
    wide = energy_and_spread(with_hands(60, 260), with_hands(70, 250))[1]
    near = energy_and_spread(with_hands(130, 190), with_hands(140, 180))[1]
    assert near < 0.5 * wide


def test_another_size_begins_anew():
    energy, spread = energy_and_spread(room(), np.zeros((120, 160, 3)))
    assert energy == 0
    assert np.isnan(spread)


@pytest.mark.parametrize("shape", [(1, 1, 3), (480, 640, 3), (640, 360, 3), (3, 1000, 3)])
def test_any_size_will_do(shape):
    energy, _ = energy_and_spread(np.zeros(shape), np.zeros(shape))
    assert energy == 0
