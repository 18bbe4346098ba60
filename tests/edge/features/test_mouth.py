import math

import cv2
import numpy as np

from edge.features.mouth import PATCH_HEIGHT, PATCH_WIDTH, MouthMotion, mouth_patch
from tests.edge.features.heads import LANDMARKS, astronaut

STEP_NS = 33_333_333


def _face(open_px=0, shift=(0.0, 0.0), degrees=0.0, scale=1.0, drop_px=0, nod_px=0):
    """The astronaut's face with a drawn mouth, open by `open_px`, moved as a whole: gray picture and landmarks.

    `drop_px`: the jaw under it goes down. `nod_px`: all of the picture goes down and the landmarks do not notice.
    """
    image = cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY)
    cv2.ellipse(image, (219, 144), (17, 9), 0, 0, 360, 150, -1)
    if open_px:
        cv2.ellipse(image, (219, 144), (14, open_px), 0, 0, 360, 25, -1)
    if drop_px:
        image[146 + drop_px : 190 + drop_px] = image[146:190].copy()
        image[146 : 146 + drop_px] = 25
    matrix = cv2.getRotationMatrix2D((220, 110), degrees, scale)
    matrix[:, 2] += shift
    image = np.roll(image, nod_px, axis=0)
    return cv2.warpAffine(image, matrix, (512, 512)), (LANDMARKS @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def _motions(states, step_ns=STEP_NS):
    mouth = MouthMotion()
    return [mouth.step(1, n * step_ns, *_face(**state)).motion for n, state in enumerate(states)]


def _speeds(states):
    mouth = MouthMotion()
    return [mouth.step(1, n * STEP_NS, *_face(**state)).speed for n, state in enumerate(states)]


def test_first_frame_has_an_opening_but_no_motion():
    mouth = MouthMotion().step(1, 0, *_face())
    assert math.isnan(mouth.motion)
    assert math.isnan(mouth.speed)
    assert math.isfinite(mouth.opening)


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


def test_speed_is_positive_while_the_jaw_drops_and_negative_while_it_rises():
    dropping = _speeds([{"drop_px": px} for px in (0, 1, 2, 3)])[1:]
    rising = _speeds([{"drop_px": px} for px in (3, 2, 1, 0)])[1:]
    assert min(dropping) > 0.15
    assert max(rising) < -0.15
    assert 0.5 < np.mean(dropping) / -np.mean(rising) < 2


def test_a_nod_is_no_speed_of_the_jaw():
    nod = _speeds([{"nod_px": px} for px in (0, 1, 2, 3, 2, 1, 0)])[1:]
    drop = _speeds([{"drop_px": px} for px in (0, 1, 2, 3, 2, 1, 0)])[1:]
    assert np.abs(nod).max() < 0.5 * np.abs(drop).max()


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
    assert math.isnan(mouth.step(1, 10**9, *_face(open_px=7)).motion)
    assert not math.isnan(mouth.step(1, 10**9 + STEP_NS, *_face()).motion)
    assert math.isnan(mouth.step(1, 10**9, *_face()).motion)
    mouth.keep([])
    assert math.isnan(mouth.step(1, 10**9 + STEP_NS, *_face()).motion)


def test_tracks_do_not_disturb_each_other():
    mouth = MouthMotion()
    mouth.step(1, 0, *_face())
    mouth.step(2, 0, *_face(open_px=7))
    assert mouth.step(1, STEP_NS, *_face()).motion == 0
    assert mouth.step(2, STEP_NS, *_face(open_px=7)).motion == 0


def test_no_contrast_means_cannot_be_told():
    assert np.isnan(MouthMotion().step(1, 0, np.full((100, 100), 40, np.uint8), LANDMARKS)).all()


def test_patch_stands_still_while_the_head_moves():
    still, moved = mouth_patch(*_face()), mouth_patch(*_face(shift=(9, 4), degrees=12, scale=1.2))
    assert still.shape == (PATCH_HEIGHT, PATCH_WIDTH)
    assert np.corrcoef(still.ravel(), moved.ravel())[0, 1] > 0.97
