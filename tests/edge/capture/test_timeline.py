from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.capture.timeline import Timeline

CHUNK_NS = 20_000_000


def run(measured, samples=320, rate_hz=16_000):
    line = Timeline(rate_hz)
    return np.array([line.step(int(ns), samples) for ns in measured])


def test_jitter_is_smoothed_and_the_truth_is_kept():
    rng = np.random.default_rng(0)
    true = 10**12 + np.arange(500) * CHUNK_NS
    stamps = run(true + rng.normal(0, 5e6, 500))
    assert np.abs(stamps - true)[100:].max() < 2e6
    assert np.abs(np.diff(stamps)[100:] - CHUNK_NS).max() < 1e6


def test_drift_is_followed():
    true = 10**12 + np.arange(3000) * CHUNK_NS * (1 + 200e-6)
    assert np.abs(run(true) - true)[-1000:].max() < 0.5e6


def test_lost_sound_is_a_jump_after_a_few_chunks():
    true = 10**12 + np.arange(100) * CHUNK_NS
    true[50:] += 300_000_000
    stamps = run(true)
    assert np.abs(stamps - true)[:50].max() < 1e5
    assert np.abs(stamps - true)[55:].max() < 1e6


def test_one_late_chunk_is_no_loss():
    true = 10**12 + np.arange(200) * CHUNK_NS
    late = true.copy()
    late[100:103] += 150_000_000
    assert np.abs(run(late) - true).max() < 1e6


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=60))
def test_stamps_never_go_back(noise):
    stamps = run([10**12 + number * CHUNK_NS + off for number, off in enumerate(noise)])
    assert (np.diff(stamps) > 0).all()
