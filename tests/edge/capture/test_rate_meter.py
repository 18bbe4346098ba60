from __future__ import annotations

import numpy as np
import pytest

from edge.capture.rate_meter import RateMeter
from edge.clock import NS_PER_MS, NS_PER_S

RUN_S = 0.02


def run(meter, real_hz, seconds, *, from_s=0.0, jitter_ms=3.0, lost=()):
    """A stream of runs of 20 ms that were agreed on, by a card at `real_hz`; runs that began at `lost` are missing."""
    random = np.random.default_rng(5)
    samples = round(meter.rate_hz * RUN_S)
    t_s = from_s
    while t_s < from_s + seconds:
        if not any(start <= t_s < end for start, end in lost):
            meter.step(round(t_s * NS_PER_S) + round(abs(random.normal(0, jitter_ms)) * NS_PER_MS), samples)
        t_s += samples / real_hz
    return t_s


@pytest.mark.parametrize("ppm", [-1000, -500, 0, 500, 1000])
def test_the_drift_of_ordinary_clocks_is_no_fault(ppm):
    meter = RateMeter(16_000)
    run(meter, 16_000 * (1 + ppm / 1e6), 30, jitter_ms=10)
    assert (meter.rate_hz, meter.fault) == (16_000, None)


@pytest.mark.parametrize(
    ("agreed_hz", "real_hz", "found_hz"),
    [
        (48_000, 44_100, 44_100),
        (44_100, 48_000, 48_000),
        (44_100, 48_000 * 1.0005, 48_000),
        (16_000, 8_000, 8_000),
        (48_000, 16_000, 16_000),
        (16_000, 14_700, 14_700),  # of a sound server that converts what it takes for 48 kHz
        (16_000, 17_415, 17_415),
    ],
)
def test_a_stream_at_another_standard_rate_is_taken_for_it_within_ten_seconds(agreed_hz, real_hz, found_hz):
    meter = RateMeter(agreed_hz)
    run(meter, real_hz, 10)
    assert meter.rate_hz == found_hz
    assert meter.fault == f"its sound comes at {found_hz} Hz where {agreed_hz} Hz were agreed, and is taken so"


def test_a_rate_that_is_none_is_told_as_measured_and_nothing_is_converted():
    meter = RateMeter(16_000)
    run(meter, 15_400, 30)
    assert meter.rate_hz == 16_000
    words, told_hz = meter.fault.split(" Hz where ")[0].rsplit(" ", 1)
    assert words == "its sound comes at"
    assert int(told_hz) == pytest.approx(15_400, rel=0.003)


def test_what_is_told_does_not_change_with_each_measurement():
    meter, told = RateMeter(16_000), set()
    t_s = 0.0
    for _ in range(10):
        t_s = run(meter, 15_400, 6, from_s=t_s)
        told.add(meter.fault)
    assert len(told - {None}) == 1


def test_a_device_that_finds_its_rate_is_believed_again():
    meter = RateMeter(48_000)
    t_s = run(meter, 44_100, 10)
    assert meter.fault is not None
    run(meter, 48_000, 15, from_s=t_s)
    assert (meter.rate_hz, meter.fault) == (48_000, None)


def test_lost_sound_is_no_lower_rate():
    meter = RateMeter(16_000)
    run(meter, 16_000, 60, lost=[(start, start + 0.3) for start in range(3, 60, 3)])
    assert (meter.rate_hz, meter.fault) == (16_000, None)


def test_sound_that_piled_up_before_is_no_higher_rate():
    meter = RateMeter(16_000)
    for _ in range(100):
        meter.step(0, 320)
    run(meter, 16_000, 20)
    assert (meter.rate_hz, meter.fault) == (16_000, None)


def test_one_bad_span_proves_nothing():
    meter = RateMeter(16_000)
    t_s = run(meter, 16_000, 5)
    t_s = run(meter, 14_700, 3, from_s=t_s)
    run(meter, 16_000, 20, from_s=t_s)
    assert (meter.rate_hz, meter.fault) == (16_000, None)
