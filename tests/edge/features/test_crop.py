import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.features.crop import CROP_PX, TEMPLATE, aligned_gray, face_crop, face_crops, similarity, to_gray, warp
from tests.edge.features.heads import LANDMARKS, astronaut


def _turned(image, landmarks, degrees, scale):
    import cv2

    matrix = cv2.getRotationMatrix2D((220, 110), degrees, scale)
    return cv2.warpAffine(image, matrix, (512, 512)), (landmarks @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def test_template_frames_the_face_from_hairline_to_chin():
    eyes, mouth = TEMPLATE[:2].mean(axis=0), TEMPLATE[3:].mean(axis=0)
    assert eyes[0] == pytest.approx(CROP_PX / 2)
    assert 0.3 < eyes[1] / CROP_PX < 0.45
    assert 0.36 < (TEMPLATE[1, 0] - TEMPLATE[0, 0]) / CROP_PX < 0.43
    assert 0.7 < mouth[1] / CROP_PX < 0.85


@given(st.floats(-3.1, 3.1), st.floats(0.1, 10), st.floats(-500, 500), st.floats(-500, 500), st.integers(0, 2**31 - 1))
def test_similarity_is_recovered_exactly(angle, scale, dx, dy, seed):
    points = np.random.default_rng(seed).uniform(0, 100, (5, 2))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = similarity(points, points @ turn.T + (dx, dy))
    assert np.allclose(matrix[:, :2], turn, atol=1e-6)
    assert np.allclose(matrix[:, 2], (dx, dy), atol=1e-4)


def test_similarity_is_the_least_squares_one():
    rng = np.random.default_rng(5)
    source, target = rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    best = similarity(source, target)

    def cost(m):
        return float(((source @ m[:, :2].T + m[:, 2] - target) ** 2).sum())

    a, b = best[0, 0], best[1, 0]
    for da, db, dx, dy in rng.normal(scale=0.01, size=(50, 4)):
        other = np.array([[a + da, -(b + db), best[0, 2] + dx], [b + db, a + da, best[1, 2] + dy]])
        assert cost(other) >= cost(best)


def test_rotated_and_scaled_faces_give_the_same_crop():
    image = astronaut()
    straight = aligned_gray(image, LANDMARKS).astype(float)
    for degrees, scale in ((25, 1.0), (-30, 0.9), (10, 1.6)):
        turned = aligned_gray(*_turned(image, LANDMARKS, degrees, scale)).astype(float)
        inner = slice(20, 108)
        assert np.corrcoef(straight[inner, inner].ravel(), turned[inner, inner].ravel())[0, 1] > 0.98


def test_large_faces_are_averaged_down_to_the_same_crop():
    import cv2

    image = astronaut()
    large = cv2.resize(image, None, fx=5, fy=5, interpolation=cv2.INTER_LINEAR)
    crop = aligned_gray(large, LANDMARKS * 5 + 2).astype(float)
    assert np.abs(crop - aligned_gray(image, LANDMARKS)).mean() < 3


def test_averaging_down_does_not_alias():
    fine = np.indices((1024, 1024)).sum(axis=0) % 2 * np.uint8(255)
    small = warp(fine.astype(np.uint8), np.array([[0.127, 0, 0], [0, 0.127, 0.0]]), 128, 128)
    assert small[4:-4, 4:-4].std() < 2


def test_crop_is_uint8_and_has_more_contrast_than_a_dark_face():
    dark = (astronaut() * 0.15).astype(np.uint8)
    crop = face_crop(dark, LANDMARKS)
    assert crop.shape == (CROP_PX, CROP_PX)
    assert crop.dtype == np.uint8
    assert crop.std() > 2 * aligned_gray(dark, LANDMARKS).std()


def test_gray_bgr_and_bgra_give_one_crop():
    image = astronaut()
    gray = to_gray(image)
    for same in (gray, gray[:, :, None], np.dstack([image, image[:, :, :1]])):
        assert np.array_equal(face_crop(same, LANDMARKS), face_crop(image, LANDMARKS))


def test_several_crops_are_those_of_each_face():
    image = astronaut()
    crops = face_crops(image, [LANDMARKS, LANDMARKS + 7])
    assert crops.shape == (2, CROP_PX, CROP_PX)
    assert np.array_equal(crops[1], face_crop(image, LANDMARKS + 7))
    assert face_crops(image, []).shape == (0, CROP_PX, CROP_PX)


@given(st.integers(1, 40), st.integers(1, 40), st.lists(st.floats(-2e3, 2e3), min_size=10, max_size=10))
def test_no_picture_and_no_landmarks_break_it(height, width, numbers):
    image = np.full((height, width, 3), 90, np.uint8)
    crop = face_crop(image, np.array(numbers, np.float32).reshape(5, 2))
    assert crop.shape == (CROP_PX, CROP_PX)


def test_landmarks_of_one_point_and_of_no_number():
    image = astronaut()
    assert face_crop(image, np.full((5, 2), 100, np.float32)).shape == (CROP_PX, CROP_PX)
    with pytest.raises(ValueError, match="finite"):
        face_crop(image, np.full((5, 2), np.nan, np.float32))
    with pytest.raises(ValueError, match="arrays"):
        face_crop(image, LANDMARKS[:4])
