import math

import cv2
import numpy as np

from edge.features.mouth import PATCH_HEIGHT, PATCH_WIDTH, MouthMotion, mouth_patch
from tests.edge.features.heads import LANDMARKS, astronaut

STEP_NS = 33_333_333


def _face(open_px=0, shift=(0.0, 0.0), degrees=0.0, scale=1.0):
    """The astronaut's face with a drawn mouth, open by `open_px`, moved as a whole: gray picture and landmarks."""
    image = cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY)
    cv2.ellipse(image, (219, 144), (17, 9), 0, 0, 360, 150, -1)
    if open_px:
        cv2.ellipse(image, (219, 144), (14, open_px), 0, 0, 360, 25, -1)
    matrix = cv2.getRotationMatrix2D((220, 110), degrees, scale)
    matrix[:, 2] += shift
    return cv2.warpAffine(image, matrix, (512, 512)), (LANDMARKS @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def _motions(states, step_ns=STEP_NS):
    mouth = MouthMotion()
    return [mouth.step(1, n * step_ns, *_face(**state))[0] for n, state in enumerate(states)]


def test_first_frame_has_an_opening_but_no_motion():
    motion, opening = MouthMotion().step(1, 0, *_face())
    assert math.isnan(motion)
    assert math.isfinite(opening)


def test_speaking_moves_the_mouth_and_turning_the_head_hardly_does():
    talking = _motions([{"open_px": 2 + 5 * (n % 2)} for n in range(10)])
    nodding = _motions([{"shift": (3.0 * n, 2.3 * n), "degrees": 2 * n, "scale": 1 + 0.01 * n} for n in range(10)])
    still = _motions([{} for _ in range(10)])
    assert np.nanmean(still) == 0
    assert np.nanmean(talking) > 3 * np.nanmean(nodding)


def test_motion_does_not_depend_on_the_size_of_the_face():
    near = _motions([{"open_px": 2 + 5 * (n % 2), "scale": 1.5} for n in range(6)])
    far = _motions([{"open_px": 2 + 5 * (n % 2), "scale": 0.7} for n in range(6)])
    assert 0.7 < np.nanmean(far) / np.nanmean(near) < 1.4


def test_motion_is_per_time_not_per_frame():
    slow = _motions([{"open_px": 2 + 5 * (n % 2)} for n in range(6)], 2 * STEP_NS)
    fast = _motions([{"open_px": 2 + 5 * (n % 2)} for n in range(6)])
    assert np.isclose(np.nanmean(fast), 2 * np.nanmean(slow), rtol=1e-3)


def test_opening_grows_as_the_mouth_opens():
    openings = [MouthMotion().step(1, 0, *_face(open_px=px))[1] for px in (0, 2, 4, 7)]
    assert openings == sorted(openings)
    assert openings[-1] > openings[0] + 0.1


def test_light_does_not_change_motion_or_opening():
    mouth, dark = MouthMotion(), MouthMotion()
    for n in range(4):
        gray, landmarks = _face(open_px=2 + 5 * (n % 2))
        bright_values = mouth.step(1, n * STEP_NS, gray, landmarks)
        dark_values = dark.step(1, n * STEP_NS, (gray * 0.5).astype(np.uint8), landmarks)
    assert np.allclose(bright_values, dark_values, rtol=0.1)


def test_a_gap_in_time_and_a_forgotten_track_give_no_motion():
    mouth = MouthMotion()
    mouth.step(1, 0, *_face())
    assert math.isnan(mouth.step(1, 10**9, *_face(open_px=7))[0])
    assert not math.isnan(mouth.step(1, 10**9 + STEP_NS, *_face())[0])
    assert math.isnan(mouth.step(1, 10**9, *_face())[0])
    mouth.keep([])
    assert math.isnan(mouth.step(1, 10**9 + STEP_NS, *_face())[0])


def test_tracks_do_not_disturb_each_other():
    mouth = MouthMotion()
    mouth.step(1, 0, *_face())
    mouth.step(2, 0, *_face(open_px=7))
    assert mouth.step(1, STEP_NS, *_face())[0] == 0
    assert mouth.step(2, STEP_NS, *_face(open_px=7))[0] == 0


def test_no_contrast_means_cannot_be_told():
    motion, opening = MouthMotion().step(1, 0, np.full((100, 100), 40, np.uint8), LANDMARKS)
    assert math.isnan(motion)
    assert math.isnan(opening)


def test_patch_stands_still_while_the_head_moves():
    still, moved = mouth_patch(*_face()), mouth_patch(*_face(shift=(9, 4), degrees=12, scale=1.2))
    assert still.shape == (PATCH_HEIGHT, PATCH_WIDTH)
    assert np.corrcoef(still.ravel(), moved.ravel())[0, 1] > 0.97
