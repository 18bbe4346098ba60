from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.capture.sound_blocks import SoundBlocks
from edge.samples import RATE_HZ, Chunk


def chunk(t_ns, first, count):
    """Samples whose value is their number."""
    return Chunk(t_ns, 0, 0, np.arange(first, first + count, dtype=np.float32))


def to_ns(samples):
    return samples * 1_000_000_000 // RATE_HZ


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=20), st.integers(1, 700))
def test_every_sample_comes_out_once_under_its_own_stamp(lengths, size):
    blocks, cutter, first = [], SoundBlocks(size), 0
    for length in lengths:
        blocks += cutter.push(chunk(5_000_000 + to_ns(first), first, length))
        first += length
    assert {len(samples) for _, samples in blocks} <= {size}
    blocks += cutter.finish()
    np.testing.assert_array_equal(np.concatenate([samples for _, samples in blocks]), np.arange(first))
    for t_ns, samples in blocks:
        assert t_ns - 5_000_000 == pytest.approx(to_ns(int(samples[0])), abs=2)
    assert (cutter.holes, cutter.lost_ns) == (0, 0)


def test_a_hole_is_a_leap_of_the_stamps():
    cutter = SoundBlocks(320)
    before = cutter.push(chunk(0, 0, 480))
    after = cutter.push(chunk(to_ns(8000), 1000, 640))
    assert [t_ns for t_ns, _ in before] == [0]
    # What was begun is filled with silence, and the sound behind the hole begins a block of its own.
    assert [t_ns for t_ns, _ in after] == [to_ns(320), to_ns(8000), to_ns(8320)]
    np.testing.assert_array_equal(after[0][1][:160], np.arange(320, 480))
    assert not after[0][1][160:].any()
    assert after[1][1][0] == 1000
    assert (cutter.holes, cutter.lost_ns) == (1, to_ns(8000) - to_ns(480))


def test_a_hole_inside_one_block_is_silence_of_its_length():
    cutter = SoundBlocks(3200)
    cutter.push(chunk(0, 1, 320))
    blocks = cutter.push(chunk(to_ns(320 + 800), 5000, 2080))
    ((t_ns, samples),) = blocks
    assert t_ns == 0
    assert not samples[320:1120].any()
    assert samples[1120] == 5000


def test_jitter_is_no_hole():
    cutter = SoundBlocks(320)
    cutter.push(chunk(0, 0, 400))
    ((t_ns, samples),) = cutter.push(chunk(to_ns(400) + 20_000_000, 400, 240))
    np.testing.assert_array_equal(samples, np.arange(320, 640))
    assert t_ns == to_ns(320)
    assert cutter.holes == 0
