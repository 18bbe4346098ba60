import cv2
import numpy as np
import pytest

from edge.features.mouth_change import JAW, PATCH_HEIGHT, PATCH_WIDTH, mouth_change

SIZE = (PATCH_WIDTH, PATCH_HEIGHT)


def texture(seed=0):
    """A smooth made-up patch with zero mean and unit standard deviation."""
    noise = np.random.default_rng(seed).standard_normal((PATCH_HEIGHT, PATCH_WIDTH)).astype(np.float32)
    patch = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return (patch - patch.mean()) / patch.std()


def moved(patch, shift=(0.0, 0.0), degrees=0.0, scale=1.0):
    matrix = cv2.getRotationMatrix2D(((PATCH_WIDTH - 1) / 2, (PATCH_HEIGHT - 1) / 2), degrees, scale)
    matrix[:, 2] += shift
    return cv2.warpAffine(patch, matrix, SIZE, borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.parametrize(
    "move", [{"shift": (0.6, 0.0)}, {"shift": (0.0, -0.6)}, {"degrees": 2.0}, {"scale": 1.04}], ids=str
)
def test_what_the_head_does_is_hardly_a_change(move):
    patch = texture()
    after = moved(patch, **move)
    change = mouth_change(patch, after)
    assert change.mean < 0.45 * np.abs(after - patch)[2:-2, 2:-2].mean()
    assert abs(change.jaw_drop_px) < 0.2


@pytest.mark.parametrize("drop_px", [-0.8, -0.4, 0.4, 0.8])
@pytest.mark.parametrize("head", [(0.0, 0.0), (0.5, 0.5)], ids=str)
def test_the_jaw_is_measured_against_the_upper_lip(drop_px, head):
    patch = texture(1)
    after = patch.copy()
    after[JAW] = moved(patch, shift=(0.0, drop_px))[JAW]
    after = moved(after, shift=head)
    assert mouth_change(patch, after).jaw_drop_px == pytest.approx(drop_px, abs=0.35)


def test_nothing_changes_where_nothing_moves():
    change = mouth_change(texture(), texture())
    assert change.mean == 0
    assert change.jaw_drop_px == 0


def test_a_flat_patch_stands_still():
    flat = np.zeros((PATCH_HEIGHT, PATCH_WIDTH), np.float32)
    change = mouth_change(flat, flat + np.float32(0.5))
    assert np.isfinite(change.left).all()
    assert change.jaw_drop_px == 0
