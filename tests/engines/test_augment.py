import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from engines.augment import augment_faces, augment_sound, mix_windows  # noqa: E402
from engines.sounds import SpeechSet  # noqa: E402
from engines.train_head import balance, draw_pairs, face_bags, speaker_deviation  # noqa: E402


def test_changed_faces_stay_pictures_and_differ():
    faces = np.random.default_rng(0).integers(0, 256, (32, 64, 64)).astype(np.uint8)
    changed = augment_faces(faces, np.random.default_rng(1))
    assert changed.shape == (32, 1, 64, 64)
    assert torch.isfinite(changed).all()
    assert changed.min() >= 0
    assert changed.max() <= 255
    assert (changed[:, 0].numpy() != faces).mean(axis=(1, 2)).min() > 0.5


def test_the_same_seed_gives_the_same_change():
    faces = np.random.default_rng(0).integers(0, 256, (8, 64, 64)).astype(np.uint8)
    one, two = (augment_faces(faces, np.random.default_rng(1)) for _ in range(2))
    assert torch.equal(one, two)


def test_another_speaker_is_a_constant_shift_of_the_statics():
    sound, mask = np.zeros((50, 100, 120), np.float32), np.ones((50, 100), np.float32)
    changed, left = augment_sound(sound, mask, np.full(40, 3.0, np.float32), np.random.default_rng(0))
    assert np.ptp(changed, axis=1).max() == 0
    assert changed[:, 0, :40].std() == pytest.approx(3.0, rel=0.1)
    assert not changed[:, :, 40:].any()
    assert 0 < (left.sum(axis=1) < 100).mean() < 1
    assert left.sum(axis=1).min() >= 74


def test_mixed_windows_have_targets_in_the_same_shares():
    labels = torch.arange(8) % 7
    targets = torch.nn.functional.one_hot(labels, 7).float()
    sound = labels.float().view(-1, 1, 1).expand(8, 100, 120)
    mixed, _, shares = mix_windows(sound, torch.ones(8, 100), targets, np.random.default_rng(0))
    assert torch.allclose(mixed[:, 0, 0], (shares * torch.arange(7.0)).sum(1), atol=1e-5)


def speech():
    lengths, n = [100, 100, 100, 100], 4
    starts = np.cumsum([0, *lengths])
    features = np.repeat(np.array([1.0, 3.0, 3.0, 90.0]), 100)[:, None].repeat(120, 1).astype(np.float16)
    return SpeechSet(
        features=features,
        voiced=np.ones(400, bool),
        starts=starts,
        labels=np.array([0, 0, 0, 1]),
        parts=np.array(["train", "train", "train", "test"]),
        sets=np.array(["ravdess", "ravdess", "nemo", "nemo"]),
        speakers=np.array(["02", "02", "A", "B"]),
        noisy=np.zeros(n, bool),
    )


def test_speakers_differ_as_training_speakers_do():
    assert speaker_deviation(speech()) == pytest.approx(np.full(40, 0.5))


def test_sets_come_by_their_shares():
    windows = speech().windows("train", noisy=False)
    chances = balance(windows)
    assert chances.sum() == pytest.approx(1)
    assert chances[0] == chances[1]
    assert (chances[0] + chances[1]) / chances[2] == pytest.approx(0.55 / 0.2)


def test_pairs_have_one_label():
    from engines.faces import FaceSet
    from engines.models.face_encoder import FaceEncoder
    from engines.sounds import Windows

    n = 14
    faces = FaceSet(
        pooled=np.random.default_rng(0).integers(0, 256, (n, 64, 64)).astype(np.uint8),
        targets=np.eye(7, dtype=np.float32)[np.arange(n) % 7],
        labels=np.arange(n) % 7,
        parts=np.array(["train"] * n),
        usable=np.ones(n, bool),
        judged=np.ones(n, bool),
        found=np.ones(n, bool),
    )
    bags = face_bags(FaceEncoder(), faces, np.arange(n), changed=False)
    features = np.repeat(np.arange(7.0), 100)[:, None].repeat(120, 1).astype(np.float16)
    names = np.array(["x"] * 7)
    heard = SpeechSet(features, np.ones(700, bool), np.arange(8) * 100, np.arange(7), names, names, names, names == "y")
    sounds = Windows(heard, np.arange(7) * 100, np.arange(7), np.arange(7))
    slots, filled, sound, _, labels = draw_pairs(bags, sounds, 21, np.random.default_rng(0))
    assert torch.equal(sound[:, 0, 0].long(), labels)
    assert labels.bincount().tolist() == [3] * 7
    assert filled.sum(1).min() >= 3
    known = torch.from_numpy(bags.embeddings[:, 0].astype(np.float32))
    for slot, label in zip(slots[:, 0], labels, strict=True):
        assert int((known - slot).abs().sum(1).argmin()) % 7 == label
