"""Bags of faces, pairs by label, trust in face and voice."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from engines.calibration import fold_temperature  # noqa: E402
from engines.distil_head import FusionTraining, HeadRecipe, VideoDistillation, draw_pairs  # noqa: E402
from engines.face_bags import FaceBags  # noqa: E402
from engines.loop import Run, Schedule, descend  # noqa: E402
from engines.models.face_encoder import EMBEDDING_SIZE  # noqa: E402
from engines.models.student import head_example  # noqa: E402
from engines.models.window_head import WindowHead  # noqa: E402
from engines.pairs import modality_dropout  # noqa: E402
from tests.engines.tiny_data import tiny_speech  # noqa: E402

torch.set_num_threads(1)


def bags():
    """Fourteen faces, each with an embedding of its own."""
    own = np.random.default_rng(4).normal(size=(14, 1, EMBEDDING_SIZE)).repeat(2, axis=1).astype(np.float16)
    return FaceBags(own, np.arange(14) % 7)


def sounds():
    return tiny_speech().windows("train", noisy=False)


def test_up_to_the_share_of_the_slots_shows_a_neutral_face_of_the_bags():
    faces = bags()
    slots, mask = faces.draw(np.full(200, 3), np.random.default_rng(0))
    own = (slots == torch.from_numpy(faces.embeddings[3, 0].astype(np.float32))).all(dim=2)
    neutral = torch.stack([(slots == torch.from_numpy(faces.embeddings[row, 0].astype(np.float32))).all(dim=2)
                           for row in (0, 7)]).any(dim=0)  # fmt: skip
    assert (own | neutral).all()
    assert 0.6 < own.float().mean() < 0.8
    assert 3 <= mask.sum(dim=1).min() < mask.sum(dim=1).max() == 15
    slots, _ = faces.draw(np.full(20, 3), np.random.default_rng(0), idle=0.0)
    assert (slots == slots[0, 0]).all()
    slots, _ = faces.draw(np.full(200, 3), np.random.default_rng(0), idle=1.5)
    idle = (slots != torch.from_numpy(faces.embeddings[3, 0].astype(np.float32))).any(dim=2).all(dim=1)
    assert 1 / 3 < idle.float().mean() < 1 / 2


def test_pairs_have_one_label():
    faces, heard = bags(), sounds()
    _, filled, sound, _, labels = draw_pairs(faces, heard, 21, np.random.default_rng(0))
    assert labels.bincount().tolist() == [3] * 7
    assert filled.sum(1).min() >= 3
    each = torch.from_numpy(heard.get(np.arange(len(heard)))[0])
    for pair, label in enumerate(labels):
        row = int((each - sound[pair]).abs().sum((1, 2)).argmin())
        assert heard.labels[row] == label


def test_an_emotion_that_only_one_side_has_makes_no_pair():
    faces = FaceBags(bags().embeddings[:3], np.array([1, 2, 3]))
    assert set(draw_pairs(faces, sounds(), 30, np.random.default_rng(0))[4].tolist()) == {1, 2, 3}


def test_streams_are_dropped_as_often_as_said_and_never_both():
    sees, hears = modality_dropout(4000, 0.2, np.random.default_rng(0))
    assert sees.mean() == pytest.approx(0.8, abs=0.03)
    assert hears.mean() == pytest.approx(0.8, abs=0.03)
    assert (sees + hears).min() == 1


def test_a_folded_temperature_divides_the_logits():
    layer, x = torch.nn.Linear(4, 7), torch.randn(3, 4)
    before = layer(x)
    fold_temperature(layer, 2.0)
    assert torch.allclose(layer(x), before / 2.0, atol=1e-6)


@pytest.mark.timeout(120)
def test_faces_are_learnt_by_heart(tmp_path):
    torch.manual_seed(3)
    head = WindowHead()
    task = VideoDistillation(head, bags(), bags(), HeadRecipe(rate=5e-3))
    outcome = descend(task, Schedule(120, 120), Run(tmp_path, "video"))
    assert outcome.figures["accuracy"] > 0.85


@pytest.mark.timeout(120)
def test_fusion_learns_whom_to_trust_and_moves_nothing_but_the_gate(tmp_path):
    torch.manual_seed(3)
    head = WindowHead()
    with torch.no_grad():
        head.classify_audio.weight *= 20.0  # loud and wrong
    before = {name: value.clone() for name, value in head.state_dict().items()}
    task = FusionTraining(head, bags(), sounds(), HeadRecipe(fusion_rate=0.05))
    descend(task, Schedule(60, 60), Run(tmp_path, "fusion"))
    moved = {name for name, value in head.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == {"gate.weight", "gate.bias"}
    video, audio = torch.zeros(1, 7), torch.randn(1, 7)
    there = torch.ones(1, 15), torch.ones(1, 100)
    assert head.fuse(video, audio, *there).abs().sum() < audio.abs().sum()
    embeddings, video_mask, sound, sound_mask = head_example(2)
    fused, seen, _ = head.eval()(embeddings, video_mask, sound, torch.zeros_like(sound_mask))
    assert torch.equal(fused, seen)
