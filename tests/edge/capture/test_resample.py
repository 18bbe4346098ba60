from __future__ import annotations

import numpy as np
import pytest

from edge.capture.resample import Resampler, mono
from edge.samples import RATE_HZ


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_output_is_in_step_with_input_whatever_the_portions(rate_hz):
    seconds = np.arange(rate_hz) / rate_hz
    bump = np.exp(-(((seconds - 0.5) / 0.005) ** 2)).astype(np.float32)
    rng, resampler, parts, first = np.random.default_rng(0), Resampler(rate_hz), [], 0
    while first < len(bump):
        size = int(rng.integers(1, rate_hz // 20))
        parts.append(resampler.push(bump[first : first + size]))
        first += size
    parts.append(resampler.flush())
    out = np.concatenate(parts)
    assert out.dtype == np.float32
    assert (resampler.taken, resampler.given) == (len(bump), len(out))
    assert abs(len(out) - RATE_HZ) <= 2
    assert (np.arange(len(out)) * out).sum() / out.sum() / RATE_HZ == pytest.approx(0.5, abs=2e-5)


def test_little_is_held_back():
    resampler = Resampler(48_000)
    for _ in range(10):
        resampler.push(np.zeros(960, np.float32))
    assert 0 <= 3200 - resampler.given <= 32


@pytest.mark.parametrize(
    ("dtype", "full"), [(np.uint8, 255), (np.int16, 32767), (np.int32, 2**31 - 1), (np.float32, 1.0), (np.float64, 1.0)]
)
def test_full_scale_is_one_in_every_format(dtype, full):
    assert mono(np.full((1, 4), full, dtype)) == pytest.approx(1.0, abs=0.01)
    silence = 128 if dtype is np.uint8 else 0
    assert mono(np.full((2, 4), silence, dtype)) == pytest.approx(0.0)


def test_channels_are_averaged_and_never_clip():
    left, right = np.full(8, 1.0, np.float32), np.full(8, 0.5, np.float32)
    np.testing.assert_allclose(mono(np.stack([left, right])), 0.75)


def test_what_is_no_number_is_silence():
    assert mono(np.array([[np.nan, np.inf, -np.inf, 3.0]], np.float32)).tolist() == [0.0, 1.0, -1.0, 1.0]
