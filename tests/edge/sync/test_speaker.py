"""Whose voice it is, on made-up channels with a known speaker."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sync.signals import CHANNEL_COUNT, SIGNAL_RATE_HZ
from edge.sync.speaker import KEEP_SCORE, SPEAKER_SPAN_S, SpeakerChooser
from tests.edge.sync.talks import TICK_NS, listening, quiet, talk, voiced

SPAN = int(SPEAKER_SPAN_S * SIGNAL_RATE_HZ)
TICK = SIGNAL_RATE_HZ // 5


def owners(mouths, voice, speech, chooser=None):
    """The owner at each tick of a recording: `mouths` {track: (n, C)}."""
    chooser = chooser or SpeakerChooser()
    found = []
    for end in range(TICK, len(voice) + 1, TICK):
        span = slice(max(0, end - SPAN), end)
        now_ns = end // TICK * TICK_NS
        found.append(chooser.step(now_ns, {t: m[span] for t, m in mouths.items()}, voice[span], speech[span]))
    return found


def test_of_two_that_talk_the_one_whose_mouth_moves_with_the_voice_owns_it():
    rng = np.random.default_rng(0)
    for speaker in (1, 2):
        mouth, voice = talk(rng, 12)
        other, _ = talk(rng, 12)
        found = owners({speaker: mouth, 3 - speaker: other}, voice, voiced(voice))
        assert found[10:].count(speaker) >= 0.95 * len(found[10:])
        assert (3 - speaker) not in found[10:]


def test_of_a_speaker_and_a_listener_the_speaker_owns_the_voice_from_the_first_second_on():
    rng = np.random.default_rng(1)
    mouth, voice = talk(rng, 8)
    chooser = SpeakerChooser()
    found = owners({1: listening(rng, 8), 2: mouth}, voice, voiced(voice), chooser)
    assert set(found[5:]) == {2}
    assert chooser.score(2) > 0.9
    assert chooser.score(1) < 0.1


def test_a_face_that_speaks_alone_owns_the_voice_at_once():
    mouth, voice = talk(np.random.default_rng(2), 6)
    assert owners({7: mouth}, voice, voiced(voice)).index(7) <= 2


def test_a_speaker_speaks_until_hardly_any_of_the_last_second_is_speech():
    rng = np.random.default_rng(12)
    mouth, voice = talk(rng, 6)
    speech = np.concatenate([np.ones(600, np.bool_), np.zeros(200, np.bool_)])
    voice, mouth = np.concatenate([voice, quiet(2)]), np.concatenate([mouth, listening(rng, 2)])
    found = owners({1: mouth}, voice, speech)
    assert found[30:34] == [1] * 4, "0.8, 0.6, 0.4 and 0.2 of the last second"
    assert set(found[35:]) == {None}


@pytest.mark.parametrize("still", [True, False])
def test_a_voice_from_off_screen_is_owned_by_nobody(still):
    rng = np.random.default_rng(3)
    _, voice = talk(rng, 20)
    mouths = {track: listening(rng, 20) if still else talk(rng, 20)[0] for track in (1, 2)}
    found = owners(mouths, voice, voiced(voice))
    assert found[15:].count(None) >= 0.9 * len(found[15:])


def test_a_chewing_mouth_does_not_own_the_voice_that_begins():
    rng = np.random.default_rng(4)
    chewing = talk(rng, 12)[0]
    voice = np.concatenate([quiet(4), talk(rng, 8)[1]])
    found = owners({1: chewing}, voice, voiced(voice))
    assert found[30:].count(None) >= 0.9 * len(found[30:])


def test_nobody_owns_silence_and_the_score_is_zero():
    rng = np.random.default_rng(5)
    chooser = SpeakerChooser()
    found = owners({1: listening(rng, 4)}, quiet(4), np.zeros(400, np.bool_), chooser)
    assert set(found) == {None}
    assert chooser.score(1) == 0.0


def test_the_owner_keeps_the_voice_through_a_short_pause_and_not_through_a_long_one():
    rng = np.random.default_rng(6)
    mouth, voice = talk(rng, 6)
    for pause_s, kept in ((0.4, True), (2.0, False)):
        joined = np.concatenate([voice, quiet(pause_s), voice])
        mouths = {1: np.concatenate([mouth, listening(rng, pause_s), mouth])}
        pause = slice(30, 30 + round(pause_s * 5))
        assert (None not in owners(mouths, joined, voiced(joined))[pause]) == kept


def test_turns_are_followed_within_a_second_and_a_half():
    rng = np.random.default_rng(7)
    mouths, voices, truth = {1: [], 2: []}, [], []
    for turn in range(6):
        speaker = 1 + turn % 2
        mouth, voice = talk(rng, 4)
        mouths[speaker].append(mouth)
        mouths[3 - speaker].append(listening(rng, 4))
        voices.append(voice)
        truth += [speaker] * 20
    voice = np.concatenate(voices)
    found = owners({track: np.concatenate(parts) for track, parts in mouths.items()}, voice, voiced(voice))
    for turn in range(6):
        after = found[turn * 20 + 8 : turn * 20 + 20]
        assert set(after) == {1 + turn % 2}
    owned = [owner for owner in found if owner is not None]
    assert sum(a != b for a, b in pairwise(owned)) == 5


def test_a_few_words_against_the_owner_do_not_take_the_voice_from_it():
    rng = np.random.default_rng(8)
    mouth, voice = talk(rng, 10)
    mouth[500:520] = -mouth[500:520]  # 200 ms that fit not at all
    mouth[500:520, 2] = -2.2
    assert set(owners({1: mouth, 2: listening(rng, 10)}, voice, voiced(voice))[10:]) == {1}


def test_what_has_been_counted_is_not_counted_again():
    rng = np.random.default_rng(9)
    mouth, voice = talk(rng, 3)
    speech = voiced(voice)
    once, often = SpeakerChooser(), SpeakerChooser()
    mouths = {1: mouth, 2: talk(rng, 3)[0]}
    once.step(TICK_NS, mouths, voice, speech)
    for _ in range(20):
        often.step(TICK_NS, mouths, voice, speech)
    assert often.score(1) == pytest.approx(once.score(1))


def test_a_lost_tick_loses_no_evidence():
    rng = np.random.default_rng(10)
    mouth, voice = talk(rng, 4)
    speech, chooser = voiced(voice), SpeakerChooser()
    for end in range(100, 401, 100):
        span = slice(max(0, end - SPAN), end)
        chooser.step(end // TICK * TICK_NS, {1: mouth[span], 2: talk(rng, 4)[0][span]}, voice[span], speech[span])
    assert chooser.owner == 1


def test_a_lost_track_takes_nothing_with_it_and_a_new_one_begins_afresh():
    rng = np.random.default_rng(11)
    mouth, voice = talk(rng, 8)
    speech, chooser = voiced(voice), SpeakerChooser()
    owners({1: mouth}, voice, speech, chooser)
    assert chooser.owner == 1
    assert chooser.step(41 * TICK_NS, {}, voice[-SPAN:], speech[-SPAN:]) is None
    assert chooser.score(1) == 0.0
    assert chooser.step(42 * TICK_NS, {5: mouth[-SPAN:]}, voice[-SPAN:], speech[-SPAN:]) in (5, None)
    assert chooser.score(5) < 0.99


def test_a_mouth_that_is_not_known_for_a_while_keeps_the_voice_and_never_breaks_the_scores():
    rng = np.random.default_rng(12)
    mouth, voice = talk(rng, 8)
    mouth[400:460] = np.nan
    chooser = SpeakerChooser()
    found = owners({1: mouth, 2: listening(rng, 8)}, voice, voiced(voice), chooser)
    assert set(found[10:]) == {1}
    assert np.isfinite([chooser.score(1), chooser.score(2)]).all()


def test_a_stamp_that_goes_back_starts_counting_afresh():
    rng = np.random.default_rng(13)
    mouth, voice = talk(rng, 3)
    chooser = SpeakerChooser()
    chooser.step(10**15, {1: mouth}, voice, voiced(voice))
    assert chooser.step(5, {1: mouth}, voice, voiced(voice)) == 1


def test_after_a_reset_nothing_is_known():
    rng = np.random.default_rng(15)
    mouth, voice = talk(rng, 8)
    chooser = SpeakerChooser()
    owners({1: listening(rng, 8)}, voice, voiced(voice), chooser)
    chooser.reset()
    assert chooser.owner is None
    assert owners({1: mouth}, voice, voiced(voice), chooser).index(1) <= 2


def test_eight_faces_find_their_speaker():
    rng = np.random.default_rng(14)
    mouth, voice = talk(rng, 10)
    mouths = {track: talk(rng, 10)[0] if track % 2 else listening(rng, 10) for track in range(1, 8)} | {8: mouth}
    found = owners(mouths, voice, voiced(voice))
    assert found[20:].count(8) >= 0.9 * len(found[20:])


strange = st.sampled_from([0.0, 1.0, -3.0, 1e12, -1e300, np.nan, np.inf, -np.inf])


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_comes_scores_lie_between_0_and_1_and_the_owner_is_a_face(data):
    chooser, seed = SpeakerChooser(), data.draw(st.integers(0, 2**16))
    rng = np.random.default_rng(seed)
    now_ns = 0
    for _ in range(data.draw(st.integers(1, 6))):
        n = data.draw(st.sampled_from([0, 1, 2, 30, 100, 300]))
        tracks = data.draw(st.sets(st.integers(1, 8), max_size=8))
        mouths = {track: rng.standard_normal((n, CHANNEL_COUNT)) for track in tracks}
        voice, speech = rng.standard_normal((n, CHANNEL_COUNT)), rng.random(n) < data.draw(st.floats(0, 1))
        for signal in (*mouths.values(), voice):
            if n and data.draw(st.booleans()):
                signal[rng.integers(0, n, 3), rng.integers(0, CHANNEL_COUNT)] = data.draw(strange)
        now_ns += data.draw(st.sampled_from([0, TICK_NS, 5 * TICK_NS, -TICK_NS, 10**13]))
        owner = chooser.step(now_ns, mouths, voice, speech)
        assert owner is None or owner in tracks
        scores = [chooser.score(track) for track in tracks]
        assert all(0.0 <= score <= 1.0 for score in scores)
        assert sum(scores) <= 1.0 + 1e-9
        assert owner is None or chooser.score(owner) >= KEEP_SCORE
