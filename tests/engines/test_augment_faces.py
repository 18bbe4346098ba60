import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from engines.augment_faces import augment_faces, estrange_faces  # noqa: E402


@pytest.fixture
def faces():
    return np.random.default_rng(0).integers(0, 256, (64, 64, 64)).astype(np.uint8)


def test_changed_faces_stay_pictures_and_differ(faces):
    changed = augment_faces(faces, np.random.default_rng(1), 64)
    assert changed.shape == (64, 1, 64, 64)
    assert torch.isfinite(changed).all()
    assert changed.min() >= 0
    assert changed.max() <= 255
    assert (changed[:, 0].numpy() != faces).mean(axis=(1, 2)).min() > 0.5


def test_the_same_seed_gives_the_same_change(faces):
    one, two = (augment_faces(faces[:8], np.random.default_rng(1)) for _ in range(2))
    assert torch.equal(one, two)


def test_the_picture_comes_in_the_side_asked_for(faces):
    assert augment_faces(faces[:2], np.random.default_rng(1)).shape == (2, 1, 48, 48)
    assert augment_faces(faces[:2], np.random.default_rng(1), 96).shape == (2, 1, 96, 96)


def test_half_of_the_faces_are_mirrored_and_few_are_covered():
    left = np.zeros((400, 64, 64), np.uint8)
    left[:, :, :24] = 200
    changed = augment_faces(left, np.random.default_rng(2))[:, 0]
    mirrored = changed[:, :, 36:].mean((1, 2)) > changed[:, :, :12].mean((1, 2))
    assert 0.4 < float(mirrored.float().mean()) < 0.6
    flat = augment_faces(np.full((400, 64, 64), 100, np.uint8), np.random.default_rng(3))[:, 0]
    smooth = flat - torch.nn.functional.avg_pool2d(flat.unsqueeze(1), 3, 1, 1, count_include_pad=False)[:, 0]
    edged = (smooth.abs() > 12).float().mean((1, 2)) > 0.002
    assert 0.05 < float(edged.float().mean()) < 0.6


def test_strange_faces_are_coarser_and_stretched_but_stay_in_the_middle():
    disc = np.zeros((64, 64), np.uint8)
    rows, columns = np.mgrid[:64, :64] - 31.5
    disc[np.hypot(rows, columns) < 20] = 200
    fine = disc + np.random.default_rng(0).integers(0, 40, disc.shape).astype(np.uint8)
    strange = estrange_faces(np.repeat(fine[None], 60, axis=0), np.random.default_rng(1)).astype(float)
    widths, heights = (strange > 100).any(axis=1).sum(axis=1), (strange > 100).any(axis=2).sum(axis=1)
    assert (widths / heights).max() > 1.3
    assert (widths / heights).min() < 0.77
    assert np.diff(strange, axis=2).std() < np.diff(fine.astype(float), axis=1).std()
    middle = (strange.sum(axis=1) * np.arange(64)).sum(axis=1) / strange.sum(axis=(1, 2))
    assert np.abs(middle - 31.5).max() < 1.5
