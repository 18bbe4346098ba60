from __future__ import annotations

import math

import numpy as np
import pytest

from edge.calibrate.motion import Motion
from edge.calibrate.seen import seen_claps

PERIOD_NS = 33_333_333


def motions(energies, spreads=None):
    spreads = spreads or [math.nan] * len(energies)
    return [
        Motion(number * PERIOD_NS, energy, spread)
        for number, (energy, spread) in enumerate(zip(energies, spreads, strict=True))
    ]


def clap_at(share, left=0.0):
    """Ten still pictures, five in which hands come together, and ten after; contact `share` into the next one."""
    energies = [0.0] * 10 + [1.0, 1.8, 2.4, 2.8, 3.0] + [3.0 * abs(share - (1 - share) * left)]
    energies += [3.0 * left] * 3 + [0.0] * 10
    return motions(energies, [math.nan] * 10 + [0.3, 0.27, 0.24, 0.2, 0.16] + [0.14] * (len(energies) - 15))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.35, 0.5, 0.8, 1.0])
def test_the_contact_is_found_between_the_pictures(share):
    (clap,) = seen_claps(clap_at(share))
    assert clap.t_ns == pytest.approx((14 + share) * PERIOD_NS, abs=0.02 * PERIOD_NS)
    assert clap.period_ns == PERIOD_NS


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_hands_that_bounce_off_are_found_too(share):
    (clap,) = seen_claps(clap_at(share, left=0.3))
    assert clap.t_ns == pytest.approx((14 + share) * PERIOD_NS, abs=0.05 * PERIOD_NS)


def test_hands_that_part_and_come_to_rest_make_no_clap():
    energies = [0.0] * 10 + [1.0, 1.8, 2.4, 2.8, 3.0, 1.0] + [0.0] * 10
    widening = [math.nan] * 10 + [0.14, 0.18, 0.22, 0.25, 0.28, 0.3] + [math.nan] * 10
    assert seen_claps(motions(energies, widening)) == []


def test_hands_that_slow_down_make_no_clap():
    energies = [0.0] * 10 + [1.0, 2.0, 3.0, 2.6, 2.2, 1.8, 1.4, 1.0, 0.6, 0.2] + [0.0] * 10
    assert seen_claps(motions(energies)) == []


def test_a_cut_is_no_clap():
    assert seen_claps(motions([0.0] * 12 + [20.0] + [0.0] * 12)) == []


def test_the_talking_face_between_the_hands_is_taken_off():
    quiet, talking = clap_at(0.5), [Motion(one.t_ns, one.energy + 0.25, one.spread) for one in clap_at(0.5)]
    (expected,), (found,) = seen_claps(quiet), seen_claps(talking)
    assert found.t_ns == pytest.approx(expected.t_ns, abs=0.05 * PERIOD_NS)


def test_two_stops_at_once_are_one_clap():
    twice = [0.0] * 10 + [1.0, 1.8, 2.4, 2.8, 3.0, 1.0, 0.2, 1.5, 1.6, 1.6, 0.3] + [0.0] * 10
    (clap,) = seen_claps(motions(twice))
    assert clap.t_ns < 15.5 * PERIOD_NS


@pytest.mark.parametrize("energies", [[], [1.0], [5.0] * 6, [0.0] * 100])
def test_where_there_is_nothing_nothing_is_found(energies):
    assert seen_claps(motions(energies)) == []


def test_random_motion_claps_seldom():
    rng = np.random.default_rng(0)
    found = seen_claps(motions(rng.gamma(2.0, 1.0, 900).tolist(), rng.uniform(0.1, 0.3, 900).tolist()))
    assert len(found) < 20
