import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.sync.lag import PERSON_LEAD_MS, PERSON_SD_MS, LagEstimator
from edge.sync.signals import CHANNEL_COUNT
from tests.edge.sync.spoken import BEGUN_NS, pair, run, speech_of, syllables, walk


@pytest.mark.parametrize("lag_ms", [-700, -233, -80, 0, 45, 125, 500, 880])
def test_the_lag_of_a_voice_that_comes_later_is_positive_and_found(lag_ms):
    estimator = run(LagEstimator(), {1: (it := pair(np.random.default_rng(1), 25, lag_ms))[0]}, *it[1:])
    assert estimator.lock == "locked"
    assert estimator.lag_ms + PERSON_LEAD_MS == pytest.approx(lag_ms, abs=8)
    assert 1.96 * PERSON_SD_MS <= estimator.ci_ms < 2.2 * PERSON_SD_MS


@pytest.mark.parametrize("seed", range(4))
def test_a_mouth_that_does_something_else_never_locks(seed):
    rng = np.random.default_rng(seed)
    mouth, voice, speech = syllables(rng, 9000), *pair(rng, 90)[1:]
    estimator = LagEstimator()
    assert all(estimator.lock == "measuring" for _ in walk(estimator, {1: mouth}, voice, speech))
    assert (estimator.lag_ms, estimator.ci_ms, estimator.drift_ppm, estimator.applied_ms) == (None, None, None, 0.0)


def test_silence_holds_what_was_found_with_a_growing_interval_and_a_reset_forgets_it():
    mouth, voice, speech = pair(np.random.default_rng(3), 150, 200)
    speech[3000:] = False
    estimator, told = LagEstimator(), {}
    for at_s in walk(estimator, {1: mouth}, voice, speech):
        told[at_s] = (estimator.lock, estimator.lag_ms, estimator.ci_ms)
    assert told[29][0] == "locked"
    assert told[40][0] == told[150][0] == "held"
    assert told[150][1] == pytest.approx(told[29][1], abs=10)
    assert told[150][2] > told[40][2]
    estimator.reset()
    assert (estimator.lock, estimator.lag_ms, estimator.applied_ms) == ("measuring", None, 0.0)


def test_a_voice_from_elsewhere_is_held_against_until_the_face_speaks_again():
    rng = np.random.default_rng(15)
    own, foreign, again = pair(rng, 40, 150), pair(rng, 220, 0), pair(rng, 30, 150)
    mouth = np.concatenate([own[0], syllables(rng, 22_000), again[0]])
    voice, speech = (np.concatenate([own[k], foreign[k], again[k]]) for k in (1, 2))
    estimator, told = LagEstimator(), {}
    for at_s in walk(estimator, {1: mouth}, voice, speech):
        told[at_s] = (estimator.lock, estimator.lag_ms)
    assert [told[at_s][0] for at_s in (40, 80, 150, 260, 290)] == ["locked", "held", "held", "held", "locked"]
    assert all(lag_ms + PERSON_LEAD_MS == pytest.approx(150, abs=40) for at_s, (_, lag_ms) in told.items() if at_s > 10)
    assert told[290][1] + PERSON_LEAD_MS == pytest.approx(150, abs=5)


def test_in_step_nothing_is_moved_and_a_lag_is_applied_without_hunting():
    rng, applied_ms = np.random.default_rng(16), {}
    for lag_ms in (PERSON_LEAD_MS + 15, 200.0):
        mouth, voice, speech = pair(rng, 120, lag_ms, noise=1.3)
        estimator = LagEstimator()
        applied_ms[lag_ms] = [estimator.applied_ms for _ in walk(estimator, {1: mouth}, voice, speech)]
    assert set(applied_ms[PERSON_LEAD_MS + 15]) == {0.0}
    assert applied_ms[200.0][-1] == pytest.approx(180, abs=20)
    assert (np.abs(np.diff(applied_ms[200.0])) > 1).sum() <= 2


def test_after_a_reset_the_new_lag_is_found():
    rng = np.random.default_rng(4)
    estimator = LagEstimator()
    for begun_s, lag_ms in ((0, 150), (100, -300)):
        mouth, voice, speech = pair(rng, 25, lag_ms)
        run(estimator, {1: mouth}, voice, speech, begun_ns=BEGUN_NS + begun_s * 1_000_000_000)
        assert estimator.lag_ms + PERSON_LEAD_MS == pytest.approx(lag_ms, abs=8)
        estimator.reset()


def test_a_jump_without_a_reset_is_noticed():
    rng = np.random.default_rng(5)
    before, after = pair(rng, 90, 100), pair(rng, 60, 260)
    mouth, voice, speech = (np.concatenate(both) for both in zip(before, after, strict=True))
    estimator = run(LagEstimator(), {1: mouth}, voice, speech)
    assert estimator.lag_ms + PERSON_LEAD_MS == pytest.approx(260, abs=10)


@pytest.mark.parametrize("period", [35, 50])
def test_syllables_like_clockwork_fit_at_many_lags_and_never_lock(period):
    rng = np.random.default_rng(17)
    voice = np.sin(2 * np.pi * np.arange(6000) / period)[:, None] + 0.1 * syllables(rng, 6000)
    mouth = np.roll(voice, -20, axis=0) + 0.5 * syllables(rng, 6000)
    estimator = LagEstimator()
    assert all(estimator.lock == "measuring" for _ in walk(estimator, {1: mouth}, voice, speech_of(6000)))


def test_the_face_that_agrees_counts_whoever_is_beside_it():
    rng = np.random.default_rng(6)
    mouth, voice, speech = pair(rng, 30, 180)
    still, chewing = 0.05 * rng.standard_normal(mouth.shape), syllables(rng, len(mouth))
    estimator = run(LagEstimator(), {3: chewing, 1: mouth, 2: still}, voice, speech)
    assert estimator.lock == "locked"
    assert estimator.lag_ms + PERSON_LEAD_MS == pytest.approx(180, abs=8)


def test_two_who_speak_in_turns_and_get_new_numbers_are_one_evidence():
    rng = np.random.default_rng(7)
    mouth, voice, speech = pair(rng, 40, 180, noise=1.3)
    estimator = LagEstimator()
    for k in range(10):
        part = slice(k * 400, (k + 1) * 400)
        run(estimator, {k % 3: mouth[part]}, voice[part], speech[part], begun_ns=BEGUN_NS + k * 4_000_000_000)
    assert estimator.lag_ms is not None
    assert estimator.lag_ms + PERSON_LEAD_MS == pytest.approx(180, abs=20)


@pytest.mark.parametrize("drift_ppm", [-200.0, 0.0, 200.0])
def test_a_drift_is_followed_and_told_once_it_is_known(drift_ppm):
    mouth, voice, speech = pair(np.random.default_rng(8), 500, 100, drift_ppm)
    speech[40_000:] = False
    estimator, errors_ms = LagEstimator(), []
    for at_s in walk(estimator, {1: mouth}, voice, speech):
        if at_s <= 20:
            assert estimator.drift_ppm is None
        else:
            errors_ms.append(estimator.lag_ms + PERSON_LEAD_MS - 100 - drift_ppm * at_s * 1e-3)
    assert np.abs(errors_ms).max() < 12
    assert estimator.drift_ppm == pytest.approx(drift_ppm, abs=40)


@pytest.mark.parametrize("every", [20, 100, 170, 350])
def test_evidence_counts_once_however_much_the_calls_overlap(every):
    mouth, voice, speech = pair(np.random.default_rng(9), 28, 90)
    told = [run(LagEstimator(), {1: mouth}, voice, speech, every=step) for step in (100, every)]
    assert told[1].lag_ms == pytest.approx(told[0].lag_ms, abs=4)
    assert told[1].ci_ms == pytest.approx(told[0].ci_ms, rel=0.05)


def test_a_lag_set_by_hand_is_used_as_it_is():
    estimator = run(LagEstimator(33.0), {1: (it := pair(np.random.default_rng(10), 20, 400))[0]}, *it[1:])
    assert (estimator.lag_ms, estimator.applied_ms, estimator.lock) == (33.0, 33.0, "locked")
    assert estimator.ci_ms is estimator.drift_ppm is None
    estimator.reset()
    assert estimator.lag_ms == 33.0


def test_a_clock_that_goes_back_starts_afresh():
    mouth, voice, speech = pair(np.random.default_rng(11), 20, 100)
    estimator = run(LagEstimator(), {1: mouth}, voice, speech)
    assert estimator.lock == "locked"
    run(estimator, {1: mouth[:100]}, voice[:100], speech[:100], begun_ns=BEGUN_NS - 5_000_000_000)
    assert estimator.lock == "measuring"


def test_a_clock_that_jumps_an_hour_holds_with_an_interval_that_says_so():
    mouth, voice, speech = pair(np.random.default_rng(12), 60, 220, 80)
    estimator = run(LagEstimator(), {1: mouth}, voice, speech)
    applied_ms = estimator.applied_ms
    assert applied_ms == pytest.approx(200, abs=20)
    silent = np.zeros(100, np.bool_)
    run(estimator, {1: mouth[:100]}, voice[:100], silent, begun_ns=BEGUN_NS + 3_600_000_000_000)
    assert estimator.lock == "held"
    assert estimator.ci_ms > 150
    assert estimator.applied_ms == applied_ms


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_broken_values_are_left_out(bad):
    mouth, voice, speech = pair(np.random.default_rng(13), 30, 120)
    mouth[500:540, 1], voice[1200:1210] = bad, bad
    mouth[::97, 0] = bad
    estimator = run(LagEstimator(), {1: mouth}, voice, speech)
    assert estimator.lag_ms + PERSON_LEAD_MS == pytest.approx(120, abs=8)


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan, np.inf, 1e300])
def test_constant_and_unknown_channels_say_nothing(value):
    _, voice, speech = pair(np.random.default_rng(14), 20)
    estimator = run(LagEstimator(), {1: np.full_like(voice, value)}, voice, speech)
    assert estimator.lock == "measuring"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-2_000, 12_000), st.integers(0, 1100), st.integers(0, 3), st.booleans()), max_size=6
    ),
    arrays(np.float64, CHANNEL_COUNT, elements=st.floats(allow_nan=True, allow_infinity=True)),
)
def test_whatever_comes_what_is_told_makes_sense(calls, odd):
    rng, now_ns, estimator = np.random.default_rng(0), BEGUN_NS, LagEstimator()
    for passed_ms, n, faces, spoiled in calls:
        now_ns += passed_ms * 1_000_000
        voice, mouths = syllables(rng, n), {track: syllables(rng, n) for track in range(faces)}
        if spoiled and n and faces:
            mouths[0][n // 2] = voice[n // 3] = odd
        estimator.step(now_ns, mouths, voice, speech_of(n))
        assert estimator.lock in ("measuring", "locked", "held")
        assert (estimator.lag_ms is None) == (estimator.ci_ms is None) == (estimator.lock == "measuring")
        assert np.isfinite(estimator.applied_ms)
