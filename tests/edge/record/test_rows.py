from __future__ import annotations

import numpy as np
import pytest

from edge.record.nearest import nearest
from edge.record.rows import dtw_entry
from edge.samples import VIDEO_SLOTS, WINDOW_FRAMES
from edge.sync.dtw import Warp
from edge.sync.grids import grids

END_NS = 5_000_000_000
STRAIGHT = np.arange(WINDOW_FRAMES, dtype=np.float64)


def entry(sound_at, stamps_ns, first_index=0):
    return dtw_entry(
        Warp(sound_at, 0.25, 12.34),
        applied=True,
        first_sound_ns=int(grids(END_NS, 0.0).sound_ns[0]),
        stamps_ns=stamps_ns,
        first_index=first_index,
    )


def test_the_straight_path_pairs_each_sound_with_the_slot_of_its_own_moment():
    stamps_ns = np.arange(15_000_000, 6_000_000_000, 10_000_000, dtype=np.int64)
    made = entry(STRAIGHT, stamps_ns, first_index=1000)
    assert (made["cost"], made["shift_ms"], made["applied"]) == (0.75, 12.3, True)
    sounds, slots = np.asarray(made["path"]).T
    assert (np.diff(sounds) == 1).all()
    sound_ns = stamps_ns[sounds - 1000]
    begin_ns = END_NS - 1_000_000_000 + slots * 1_000_000_000 // VIDEO_SLOTS
    inside = sound_ns - begin_ns
    assert inside[0] == -5_000_000, "the first moment lies half a step before the window"
    assert ((inside[1:] >= 0) & (inside[1:] < 1_000_000_000 / VIDEO_SLOTS)).all()


def test_a_path_that_lags_names_later_sound():
    stamps_ns = np.arange(15_000_000, 6_000_000_000, 10_000_000, dtype=np.int64)
    straight, late = entry(STRAIGHT, stamps_ns)["path"], entry(STRAIGHT + 7, stamps_ns)["path"]
    assert [after - before for (before, _), (after, _) in zip(straight, late, strict=True)] == [7] * WINDOW_FRAMES


def test_where_sound_is_missing_the_nearest_is_named():
    stamps_ns = np.asarray([4_100_000_000, 4_900_000_000], np.int64)
    sounds = [sound for sound, _ in entry(STRAIGHT, stamps_ns, first_index=7)["path"]]
    assert sounds == sorted(sounds)
    assert sounds[0] == 7
    assert sounds[-1] == 8
    assert sounds.count(7) == pytest.approx(51, abs=1)


def test_nearest_takes_the_earlier_of_two_equally_near():
    stamps = np.asarray([0, 10, 20], np.int64)
    assert nearest(stamps, np.asarray([-5, 4, 5, 6, 14, 99], np.int64)).tolist() == [0, 0, 0, 1, 1, 2]
    assert nearest(stamps[:1], np.asarray([3], np.int64)).tolist() == [0]
