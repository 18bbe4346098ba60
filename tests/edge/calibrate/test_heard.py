from __future__ import annotations

import numpy as np
import pytest

from edge.calibrate.heard import heard_claps
from tests.edge.calibrate.drawn import RATE_HZ, Clap, Scene, sound

CLAPS = tuple(Clap(contact_s) for contact_s in (1.0, 1.85, 3.1))


def scene(**changes):
    return Scene(CLAPS, seconds=4.5, **changes)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("snr_db", [None, 20.0, 10.0])
def test_each_clap_is_found_to_two_milliseconds(snr_db, seed):
    found = heard_claps(sound(scene(snr_db=snr_db, seed=seed)))
    assert len(found) == 3
    errors_ms = [1000 * (onset / RATE_HZ - clap.contact_s) for (onset, _), clap in zip(found, CLAPS, strict=True)]
    assert np.abs(errors_ms).max() <= 2.0


def test_speech_beside_hides_few_and_makes_none():
    hits = extras = 0
    for seed in range(8):
        places = [onset / RATE_HZ for onset, _ in heard_claps(sound(scene(speech_db=-15.0, seed=seed)))]
        near = [min(abs(place - clap.contact_s) for clap in CLAPS) < 0.02 for place in places]
        hits += sum(near)
        extras += len(near) - sum(near)
    assert hits >= 0.75 * 8 * 3
    assert extras <= 2


def test_a_voice_alone_claps_hardly_ever():
    found = [heard_claps(sound(scene(silent=True, speech_db=0.0, seed=seed))) for seed in range(8)]
    assert sum(map(len, found)) <= 1


def burst(at_s, seconds=2.0):
    rng = np.random.default_rng(3)
    samples = rng.normal(0, 1e-4, int(seconds * RATE_HZ))
    first = round(at_s * RATE_HZ)
    return samples, first


def test_a_tone_that_begins_is_no_clap():
    samples, first = burst(1.0)
    samples[first:] += 0.3 * np.sin(2 * np.pi * 1000 * np.arange(len(samples) - first) / RATE_HZ)
    assert heard_claps(samples.astype(np.float32)) == []


def test_noise_that_begins_and_stays_is_no_clap():
    samples, first = burst(1.0)
    samples[first:] += np.random.default_rng(4).normal(0, 0.1, len(samples) - first)
    assert heard_claps(samples.astype(np.float32)) == []


def test_noise_that_swells_is_no_clap():
    samples, first = burst(1.0)
    hiss = np.random.default_rng(4).normal(0, 0.1, 4000) * np.sin(np.pi * np.arange(4000) / 4000)
    samples[first : first + 4000] += hiss
    assert heard_claps(samples.astype(np.float32)) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_breath_that_grows_and_stops_is_no_clap(seed):
    samples, first = burst(1.0)
    growing = np.random.default_rng(seed).normal(0, 0.1, 4000) * 10 ** (2 * (np.arange(4000) / 4000 - 1))
    samples[first : first + 4000] += growing
    assert heard_claps(samples.astype(np.float32)) == []


@pytest.mark.parametrize("hz", [900, 5000])
def test_a_short_beep_is_no_clap(hz):
    samples, first = burst(1.0)
    samples += np.random.default_rng(1).normal(0, 0.002, len(samples))
    t_s = np.arange(2000) / RATE_HZ
    samples[first : first + 2000] += (
        0.2 * np.sin(2 * np.pi * hz * t_s) * np.exp(-t_s / 0.01) * np.minimum(1, t_s / 0.003)
    )
    assert heard_claps(samples.astype(np.float32)) == []


def test_what_is_far_weaker_than_the_claps_is_left_out():
    loud, soft = sound(scene(seed=1)), sound(Scene((Clap(3.9),), seconds=4.5, clap_dbfs=-40.0, seed=2))
    assert len(heard_claps(soft)) == 1
    assert len(heard_claps(loud + soft)) == 3


@pytest.mark.parametrize(
    "samples",
    [np.zeros(0), np.zeros(100), np.zeros(RATE_HZ), np.full(RATE_HZ, np.nan), np.ones(RATE_HZ)],
    ids=["empty", "short", "silent", "no numbers", "constant"],
)
def test_where_there_is_nothing_nothing_is_found(samples):
    assert heard_claps(samples.astype(np.float32)) == []
