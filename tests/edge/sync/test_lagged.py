import numpy as np
import pytest

from edge.sync.lagged import LAG_COUNT, MOST_LAG, LaggedSums, around, swings
from edge.sync.signals import CHANNEL_COUNT, CHANNEL_WEIGHTS
from tests.edge.sync.spoken import syllables

N = 400


def noise(seed):
    return syllables(np.random.default_rng(seed), N)


def plain_curve(mouth, voice, first=0):
    """Every pair by itself, channel by channel."""
    out = np.zeros(LAG_COUNT)
    for k, lag in enumerate(range(-MOST_LAG, MOST_LAG + 1)):
        pairs = [(i, i + lag) for i in range(N) if 0 <= i + lag < N and max(i, i + lag) >= first]
        i, j = np.array([p for p in pairs if mouth.weight[p[0]] and voice.weight[p[1]]]).T
        r = [np.corrcoef(mouth.values[i, c], voice.values[j, c])[0, 1] for c in range(CHANNEL_COUNT)]
        out[k] = CHANNEL_WEIGHTS @ r
    return out


@pytest.mark.parametrize("first", [0, 130])
def test_the_curve_is_pearsons_at_every_lag(first):
    mouth, voice = noise(0), noise(1)
    mouth[50:60, 1], voice[200] = np.nan, np.nan
    seen, heard = swings(mouth), swings(voice, np.arange(N) % 90 < 70)
    sums = LaggedSums()
    sums.add(seen, heard, first)
    assert np.allclose(sums.curve, plain_curve(seen, heard, first))


@pytest.mark.parametrize("cut", [1, 99, 100, 250])
def test_pieces_add_up_to_the_whole(cut):
    seen, heard = swings(noise(2)), swings(noise(3))
    whole, pieces = LaggedSums(), LaggedSums()
    whole.add(seen, heard, 0)
    pieces.add(seen.until(cut), heard.until(cut), 0)
    pieces.add(seen, heard, cut)
    assert np.allclose(pieces.curve, whole.curve)
    assert pieces.seconds == whole.seconds == N / 100


@pytest.mark.parametrize("lag", [-MOST_LAG, -37, 0, 12, MOST_LAG])
def test_a_voice_that_comes_later_has_its_peak_at_a_positive_lag(lag):
    said, sums = syllables(np.random.default_rng(4), N + 2 * MOST_LAG), LaggedSums()
    sums.add(swings(said[MOST_LAG + lag :][:N]), swings(said[MOST_LAG:][:N]), 0)
    assert int(np.argmax(sums.curve)) - MOST_LAG == lag


def test_slow_changes_and_what_cannot_be_do_not_count():
    said = noise(5)
    drifting = said + np.linspace(0, 8, N)[:, None]
    drifting[7, 0] = 1e200
    sums = LaggedSums()
    sums.add(swings(said), swings(drifting), 0)
    assert sums.curve[MOST_LAG] > 0.9


@pytest.mark.parametrize("n", [1, 30])
def test_too_little_has_no_correlation(n):
    sums = LaggedSums()
    sums.add(swings(noise(6)[:n]), swings(noise(6)[:n]), 0)
    assert not sums.curve.any()


def test_the_surroundings_of_speech_count_too():
    speech = np.zeros(200, np.bool_)
    speech[100:110] = True
    assert np.flatnonzero(around(speech)).tolist() == list(range(70, 140))
    assert not around(np.zeros(5, np.bool_)).any()
