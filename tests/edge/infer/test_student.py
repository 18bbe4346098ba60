"""The shipped student through its engine: what masks, faces and voices do to a result."""

from __future__ import annotations

import numpy as np
import pytest

from edge.clock import MonotonicClock
from edge.infer.card import load_card
from edge.infer.student import Student
from edge.samples import FEATURE_SIZE, VIDEO_SLOTS, WINDOW_FRAMES
from tests.edge.infer.windows import face_window, window

CLOCK = MonotonicClock()


@pytest.fixture
def student():
    made = Student(load_card())
    made.activate()
    yield made
    made.deactivate()


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def crops(rng, n):
    return rng.integers(0, 256, (n, 128, 128), dtype=np.uint8)


def embeddings(student, rng):
    return student.encode(crops(rng, VIDEO_SLOTS))


def sound(rng):
    return rng.standard_normal((WINDOW_FRAMES, FEATURE_SIZE)) * 10


def test_each_crop_has_its_embedding_whatever_comes_with_it(student, rng):
    batch = crops(rng, 5)
    together = student.encode(batch)
    assert together.shape == (5, student.card.embedding_size)
    alone = np.concatenate([student.encode(batch[k : k + 1]) for k in range(5)])
    assert together == pytest.approx(alone, abs=1e-4)


def test_a_result_has_a_verdict_per_face_and_one_for_the_voice(student, rng):
    faces = [face_window(embeddings(student, rng), track=k, speaking=k == 2) for k in (1, 2, 3)]
    result = student.judge(window(faces, sound(rng)), CLOCK)
    assert [face.window.face.track for face in result.faces] == [1, 2, 3]
    assert [face.basis for face in result.faces] == ["video", "fused", "video"]
    assert result.voice.present
    for face in result.faces:
        assert face.verdict.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert face.share_video + face.share_audio == pytest.approx(1)


def test_a_face_is_judged_the_same_alone_and_among_others(student, rng):
    own, others = embeddings(student, rng), [embeddings(student, rng) for _ in range(7)]
    heard = sound(rng)
    alone = student.judge(window([face_window(own)], heard), CLOCK).faces[0].verdict
    crowd = [face_window(own), *(face_window(other, speaking=False) for other in others)]
    among = student.judge(window(crowd, heard), CLOCK).faces[0].verdict
    assert among.probabilities == pytest.approx(alone.probabilities, abs=1e-4)


def test_what_is_masked_has_no_say(student, rng):
    seen = embeddings(student, rng)
    changed = seen.copy()
    changed[:10] = 1e3
    first = student.judge(window([face_window(seen, seen=5)]), CLOCK).faces[0].verdict
    second = student.judge(window([face_window(changed, seen=5)]), CLOCK).faces[0].verdict
    assert second.probabilities == pytest.approx(first.probabilities, abs=1e-4)


def test_without_sound_a_speaking_face_is_judged_by_picture(student, rng):
    result = student.judge(window([face_window(embeddings(student, rng))]), CLOCK)
    assert result.faces[0].basis == "video"
    assert (result.faces[0].share_video, result.faces[0].share_audio) == (1.0, 0.0)
    assert not result.voice.present
    assert result.voice.verdict is None


def test_without_a_face_the_voice_still_speaks(student, rng):
    result = student.judge(window([], sound(rng)), CLOCK)
    assert result.faces == ()
    assert result.voice.present
    assert result.voice.verdict is not None


def test_nothing_at_all_is_a_result_too(student):
    result = student.judge(window(), CLOCK)
    assert result.faces == ()
    assert not result.voice.present


def test_the_voice_has_a_say_in_a_fused_verdict(student, rng):
    seen = embeddings(student, rng)
    verdicts = [
        student.judge(window([face_window(seen)], sound(rng)), CLOCK).faces[0].verdict.probabilities for _ in range(5)
    ]
    assert np.ptp(verdicts, axis=0).max() > 1e-3
