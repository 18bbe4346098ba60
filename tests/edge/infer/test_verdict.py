from dataclasses import replace

import numpy as np
import pytest

from edge.infer.circumplex import valence_arousal
from edge.infer.verdict import disagreement, face_reasons, shares, softmax, sound_reasons, verdict
from edge.samples import EMOTIONS, Box, Face, Pose, Quality


def one_hot(emotion, top=0.94):
    values = np.full(7, (1 - top) / 6, np.float32)
    values[EMOTIONS.index(emotion)] = top
    return values


FACE = Face(
    track=1,
    box=Box(0, 0, 120, 150),
    landmarks=np.zeros((5, 2), np.float32),
    score=0.9,
    pose=Pose(0, 0, 0),
    quality=Quality(120, 200, 120),
    mouth=0.0,
    mouth_opening=0.0,
)


def test_a_higher_temperature_is_less_sure_of_the_same_winner():
    logits = np.asarray([[1, 4, 0, 0, 0, 0, 2]], np.float32)
    sharp, soft = softmax(logits, 1.0)[0], softmax(logits, 3.0)[0]
    assert sharp.argmax() == soft.argmax() == 1
    assert sharp[1] > soft[1]
    assert sharp.sum() == pytest.approx(1, abs=1e-6)


def test_huge_logits_stay_finite():
    assert np.isfinite(softmax(np.asarray([1e4, -1e4, 0, 0, 0, 0, 0], np.float32), 0.5)).all()


def test_low_confidence_is_ambiguous_and_uncertain():
    unsure = verdict(np.full(7, 1 / 7, np.float32), (), 0.4)
    assert (unsure.uncertain, unsure.reasons) == (True, ("ambiguous",))
    sure = verdict(one_hot("happy"), (), 0.4)
    assert (sure.emotion, sure.uncertain, sure.reasons) == ("happy", False, ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quality": Quality(30, 200, 120)}, "small"),
        ({"pose": Pose(-40, 0, 0)}, "turned"),
        ({"quality": Quality(120, 200, 15)}, "dark"),
        ({"quality": Quality(120, 2, 120)}, "blurred"),
    ],
)
def test_each_weakness_of_the_picture_has_its_reason(change, reason):
    assert face_reasons(replace(FACE, **change)) == (reason,)
    assert face_reasons(FACE) == ()


def test_a_voice_that_hardly_stands_out_is_noisy():
    assert sound_reasons(-40.0, -43.0) == ("noisy",)
    assert sound_reasons(-30.0, -60.0) == ()


def test_modalities_disagree_only_when_both_are_sure():
    assert disagreement(one_hot("happy"), one_hot("angry")) == ("disagree",)
    assert disagreement(one_hot("happy"), one_hot("happy")) == ()
    assert disagreement(one_hot("happy", 0.3), one_hot("angry")) == ()


def test_shares_follow_what_masking_costs():
    both, without_video, without_audio = one_hot("sad", 0.9), one_hot("sad", 0.3), one_hot("sad", 0.6)
    video, audio = shares(both, without_video, without_audio)
    drop_video, drop_audio = np.log(0.9 / 0.3), np.log(0.9 / 0.6)
    assert video == pytest.approx(drop_video / (drop_video + drop_audio), abs=1e-5)
    assert video + audio == pytest.approx(1)
    assert shares(both, both, both) == (0.5, 0.5)


def test_valence_and_arousal_are_expectations_of_the_positions():
    assert valence_arousal(one_hot("neutral", 1.0)) == (0.0, 0.0)
    valence, arousal = valence_arousal(one_hot("angry", 1.0))
    assert valence < -0.4
    assert arousal > 0.5
    half = (one_hot("happy", 1.0) + one_hot("neutral", 1.0)) / 2
    assert valence_arousal(half)[0] == pytest.approx(0.405, abs=1e-4)
