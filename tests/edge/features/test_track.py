import numpy as np
import pytest

from edge.features.crop import to_gray
from edge.features.track import MAX_FACES, MEMORY_S, Tracker, iou
from edge.samples import Box, Detection
from tests.edge.features.heads import scene, textured

STEP_NS = 33_333_333


class Film:
    """Steps a tracker through pictures, with a detection on every sixth of them as on the device."""

    def __init__(self) -> None:
        self.tracker = Tracker()
        self.t_ns = 10**12
        self.count = 0

    def show(self, image, detections, *, detect=None):
        lost = self.tracker.follow(to_gray(image), self.t_ns)
        if detect or (detect is None and (lost or self.tracker.unsure or self.count % 6 == 0)):
            self.tracker.correct(detections, self.t_ns)
        self.t_ns += STEP_NS
        self.count += 1
        return [face.id for face in self.tracker.faces]

    def wait(self, seconds):
        """A hand before the camera."""
        for _ in range(round(seconds * 30)):
            self.show(np.zeros((480, 640, 3), np.uint8), [])


def test_two_detections_confirm_a_face_and_one_does_not():
    image, found = scene((320, 240))
    film = Film()
    assert film.show(image, found) == []
    assert film.show(image, found) == [1]
    flash = Film()
    flash.show(image, found)
    assert flash.show(image, [], detect=True) == []
    assert flash.show(image, found, detect=True) == []
    assert flash.show(image, found, detect=True) == [1]


def test_flow_follows_a_moving_face_between_detections():
    film = Film()
    for step in range(20):
        image, found = scene((200 + 6 * step, 200 + 3 * step))
        ids = film.show(image, found, detect=step < 2)
    assert ids == [1]
    face = film.tracker.faces[0]
    assert np.abs(face.landmarks - found[0].landmarks).max() < 4
    assert iou(face.box, found[0].box) > 0.85


def test_flow_follows_a_face_that_comes_nearer():
    film = Film()
    for step in range(16):
        image, found = scene((320, 240), scale=1.0 + 0.02 * step)
        film.show(image, found, detect=step < 2)
    assert film.tracker.faces[0].box.width == pytest.approx(found[0].box.width, rel=0.06)


def test_flow_does_not_stick_to_what_covers_the_face():
    image, found = scene((320, 240))
    film = Film()
    for _ in range(3):
        film.show(image, found)
    assert len(film.tracker.faces) == 1
    assert film.show(np.ascontiguousarray(textured(640, 480)[::-1]), [], detect=False) == []


def test_id_survives_a_second_of_darkness_even_beside_the_old_place():
    film = Film()
    for _ in range(4):
        film.show(*scene((300, 240)))
    film.wait(1.0)
    assert film.tracker.faces == []
    for _ in range(7):
        ids = film.show(*scene((350, 250)))
    assert ids == [1]


def test_after_a_long_absence_the_face_is_a_new_one_and_old_ids_never_return():
    film = Film()
    for expected in (1, 2, 3):
        for _ in range(8):
            ids = film.show(*scene((300, 240)))
        assert ids == [expected]
        film.wait(MEMORY_S + 0.3)


def test_a_face_far_away_or_of_another_size_does_not_inherit_the_id():
    for place, scale in (((560, 130), 1.0), ((300, 240), 2.2)):
        film = Film()
        for _ in range(4):
            film.show(*scene((120, 350) if scale == 1.0 else (300, 240)))
        film.wait(0.5)
        for _ in range(8):
            ids = film.show(*scene(place, scale=scale))
        assert ids == [2]


def test_two_faces_keep_their_ids_when_one_is_hidden_and_comes_back():
    film = Film()
    for _ in range(4):
        film.show(*scene((150, 240), (480, 240)))
    left = next(face.id for face in film.tracker.faces if face.box.x < 300)
    for _ in range(20):
        ids = film.show(*scene((480, 240)))
    assert ids == [3 - left]
    for _ in range(8):
        film.show(*scene((150, 240), (480, 240)))
    assert {face.id for face in film.tracker.faces if face.box.x < 300} == {left}
    assert len(film.tracker.faces) == 2


def test_crossing_detections_are_assigned_together_not_greedily():
    film = Film()
    for step in range(12):
        image, found = scene((180 + 4 * step, 240), (420 - 4 * step, 240))
        film.show(image, found[::-1] if step % 2 else found, detect=True)
    places = {face.id: face.box.x for face in film.tracker.faces}
    assert len(places) == 2
    assert {face.id for face in film.tracker.faces} == {1, 2}


def test_at_most_eight_faces_the_largest_ones():
    image = textured(640, 480)
    film = Film()
    for _ in range(4):
        found = []
        for index in range(12):
            box = Box(20 + 150 * (index % 4), 10 + 150 * (index // 4), 40 + index, 40 + index)
            points = np.array([[10, 12], [30, 12], [20, 22], [12, 32], [28, 32]], np.float32)
            found.append(Detection(box, points + np.float32([box.x, box.y]), 0.9))
        film.show(image, found, detect=True)
    assert len(film.tracker.faces) == MAX_FACES
    assert min(face.box.width for face in film.tracker.faces) == pytest.approx(44, abs=1)


def test_leading_face_is_the_largest():
    small, small_found = scene((140, 240), scale=0.7)
    large, large_found = scene((480, 240), scale=1.3)
    image = np.concatenate([small[:, :320], large[:, 320:]], axis=1)
    film = Film()
    for _ in range(3):
        film.show(image, [*small_found, *large_found], detect=True)
    assert film.tracker.faces[0].box.x > 320


def test_a_face_that_the_detector_denies_is_given_up():
    image, found = scene((320, 240))
    film = Film()
    for _ in range(3):
        film.show(image, found)
    assert len(film.tracker.faces) == 1
    for _ in range(12):
        ids = film.show(image, [])
    assert ids == []


def test_jitter_of_the_detector_is_smoothed_and_a_jump_is_believed():
    image, found = scene((320, 240))
    film = Film()
    for _ in range(3):
        film.show(image, found, detect=True)
    shaken = Detection(found[0].box, found[0].landmarks + np.float32(2.0), 0.9)
    film.show(image, [shaken], detect=True)
    moved = (film.tracker.faces[0].landmarks - found[0].landmarks).mean()
    assert 0.1 < moved < 1.0
    jumped = Detection(found[0].box, found[0].landmarks + np.float32(25.0), 0.9)
    film.show(image, [jumped], detect=True)
    assert (film.tracker.faces[0].landmarks - found[0].landmarks).mean() == pytest.approx(25.0, abs=0.5)


def test_a_change_of_picture_size_and_pictures_without_contrast_do_not_crash():
    image, found = scene((320, 240))
    film = Film()
    for _ in range(3):
        film.show(image, found)
    film.show(image[:300, :400], [])
    for shape in ((16, 16, 3), (480, 640, 3), (20, 1280, 3)):
        film.show(np.full(shape, 7, np.uint8), [])


def test_iou_of_known_boxes():
    assert iou(Box(0, 0, 10, 10), Box(0, 0, 10, 10)) == 1.0
    assert iou(Box(0, 0, 10, 10), Box(5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert iou(Box(0, 0, 10, 10), Box(20, 20, 5, 5)) == 0.0
    assert iou(Box(0, 0, 0, 0), Box(0, 0, 0, 0)) == 0.0
