import numpy as np
import pytest

from edge.infer.held import HOLD_NS, Held, empty_window
from edge.samples import Box, Face, FaceVerdict, FaceWindow, Pose, Quality, Result, Verdict, VoiceVerdict

MS = 1_000_000
T = 50_000 * MS


def face_window(track, x=0.0):
    face = Face(track, Box(x, 0, 10, 10), np.zeros((5, 2), np.float32), 0.9, Pose(0, 0, 0), Quality(90, 99, 99), 0, 0)
    return FaceWindow(face, np.zeros((15, 4), np.float32), np.ones(15, np.bool_), False, 0.0)


def verdict(emotion):
    return Verdict(emotion, 0.8, False, (), np.full(7, 1 / 7, np.float32), 0.1, 0.2)


def window(end_ns, *tracks, x=0.0):
    made = empty_window(0, end_ns)
    return type(made)(**{**made.__dict__, "faces": tuple(face_window(track, x) for track in tracks)})


def judged(end_ns, emotion, *tracks, voice=None):
    seen = window(end_ns, *tracks)
    faces = tuple(FaceVerdict(one, verdict(emotion), "video", 1.0, 0.0) for one in seen.faces)
    heard = VoiceVerdict(True, 3, 1.5, verdict(voice)) if voice else VoiceVerdict(False, None, 0.0, None)
    return Result(seen, faces, heard)


@pytest.fixture
def held():
    held = Held()
    held.saw(judged(T, "happy", 1, 2, voice="sad"))
    return held


def test_faces_that_the_window_sees_keep_their_last_verdict_uncertain(held):
    answer = held.answer(7, T + 200 * MS, T + 404 * MS, window(T + 200 * MS, 2, 9, x=40.0))
    (one,) = answer.faces
    assert one.window.face.track == 2, "a face that was never judged is left out"
    assert one.window.face.box.x == 40.0, "where it is now"
    assert (one.verdict.emotion, one.verdict.uncertain) == ("happy", True)
    assert answer.window.sync.deadline_missed
    assert answer.window.sync.waited_ms == pytest.approx(204)


def test_the_voice_is_held_likewise(held):
    voice = held.answer(7, T + 200 * MS, T, window(T + 200 * MS)).voice
    assert (voice.present, voice.utterance, voice.verdict.emotion, voice.verdict.uncertain) == (True, 3, "sad", True)


def test_a_held_answer_is_not_held_on(held):
    late = T + HOLD_NS + MS
    for end_ns in range(T + 200 * MS, late, 200 * MS):
        answer = held.answer(7, end_ns, end_ns, window(end_ns, 1))
        assert len(answer.faces) == 1
    answer = held.answer(7, late, late, window(late, 1))
    assert answer.faces == ()
    assert answer.voice == VoiceVerdict(False, None, 0.0, None)


def test_without_a_window_the_last_one_stands_in(held):
    answer = held.answer(8, T + 400 * MS, T + 604 * MS, None)
    assert [one.window.face.track for one in answer.faces] == [1, 2]
    assert (answer.window.tick, answer.window.end_ns) == (8, T + 400 * MS)
    assert answer.window.start_ns == T - 600 * MS
    assert answer.window.sync.interpolated_video == answer.window.sync.interpolated_audio == 1.0


def test_before_anything_was_judged_the_answer_is_empty():
    answer = Held().answer(0, T, T, None)
    assert (answer.faces, answer.voice.present, answer.window.tick) == ((), False, 0)
    assert answer.window.sync.deadline_missed


def test_nothing_outlives_the_privacy_switch(held):
    held.clear()
    answer = held.answer(7, T + 200 * MS, T, window(T + 200 * MS, 1, 2))
    assert answer.faces == ()
    assert not answer.voice.present


def test_tracks_that_are_gone_are_forgotten(held):
    for k in range(200):
        held.saw(judged(T + k * 200 * MS, "happy", k))
    assert len(held._faces) <= 6


def test_the_newest_window_stands_in_even_when_it_was_not_judged(held):
    late = window(T + 200 * MS, 1)
    held.answer(7, T + 200 * MS, T + 404 * MS, late)
    answer = held.answer(8, T + 400 * MS, T + 604 * MS, None)
    assert [one.window.face.track for one in answer.faces] == [1]
    assert answer.window.sync.lock == late.sync.lock
