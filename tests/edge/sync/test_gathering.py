import numpy as np
import pytest

from edge.sync.gathering import BLOCK_S, LEAST_S, Gathering
from edge.sync.signals import STEP_NS
from tests.edge.sync.spoken import BEGUN_NS, SPAN, pair, speech_of, syllables

SECONDS = 20


def gathered(mouth, voice, speech, every, spoil=0):
    """The block after all of it; the newest `spoil` points are not known yet at each call."""
    gathering = Gathering()
    for end in range(every, len(voice) + 1, every):
        cut = slice(max(0, end - SPAN), end)
        seen, heard = mouth[cut].copy(), voice[cut].copy()
        seen[len(seen) - spoil :] = heard[len(heard) - spoil :] = np.nan
        gathering.add(BEGUN_NS + end * STEP_NS, {1: seen}, heard, speech[cut])
    return gathering.block


@pytest.mark.parametrize(("every", "spoil"), [(20, 0), (250, 0), (500, 0), (100, 45)])
def test_each_pair_counts_once_however_the_calls_overlap(every, spoil):
    mouth, voice, speech = pair(np.random.default_rng(0), SECONDS)
    plain, other = gathered(mouth, voice, speech, 100), gathered(mouth, voice, speech, every, spoil)
    assert other.curves[1][1] == plain.curves[1][1] == pytest.approx(SECONDS * 0.9, abs=2)
    assert np.abs(other.curves[1][0] - plain.curves[1][0]).max() < 0.03


def test_without_speech_or_mouths_nothing_is_gathered():
    gathering, voice = Gathering(), syllables(np.random.default_rng(1), 900)
    assert not gathering.add(BEGUN_NS, {1: voice}, voice, np.zeros(900, np.bool_))
    assert not gathering.add(BEGUN_NS + 10**9, {}, voice, speech_of(900))
    assert gathering.block is gathering.heard_ns is None


def test_a_block_is_full_with_enough_speech_or_after_a_while():
    voice = syllables(np.random.default_rng(2), 200)
    talking, rare = Gathering(), Gathering()
    word = np.arange(200) // 10 == 9
    for k in range(1, 40):
        now_ns = BEGUN_NS + k * 2_000_000_000
        talking.add(now_ns, {1: voice}, voice, np.ones(200, np.bool_))
        rare.add(now_ns, {1: voice}, voice, word & (k % 10 == 1))
        if k == 1:
            assert talking.block.curves[1][1] >= LEAST_S
        assert talking.full == (k * 2 - 0.5 >= BLOCK_S)
        assert rare.full == (k >= 16)
    talking.clear()
    assert talking.block is None
    assert not talking.full
