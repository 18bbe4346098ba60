from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge.capture.picture_watch import BLACK, FROZEN, STILL, PictureWatch
from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import Frame

PICTURES = np.random.default_rng(0).integers(30, 220, (64, 48, 64, 3), np.uint8)
DARK = np.random.default_rng(1).integers(0, 8, (64, 48, 64, 3), np.uint8)


class Stream:
    """Pictures at a steady rate into one watch; `faults` are what it said, each with its moment in ms."""

    def __init__(self, fps=30):
        self.watch = PictureWatch()
        self.faults = []
        self._fps = fps
        self._number = 0
        self._now_ns = 10 * NS_PER_S
        self._fresh = iter(range(1_000_000))
        self._image = PICTURES[0]

    @property
    def now_ms(self):
        return self._now_ns // NS_PER_MS

    def send(self, image):
        self._now_ns += NS_PER_S // self._fps
        self._image = image.copy()
        frame = Frame(self._now_ns, self._now_ns, self._number, self._image)
        self._number += 1
        self.faults.append((self.now_ms, self.watch.step(frame)))
        return self.faults[-1][1]

    def live(self, seconds, pictures=PICTURES):
        return [self.send(pictures[next(self._fresh) % len(pictures)]) for _ in range(round(seconds * self._fps))]

    def frozen(self, seconds):
        return [self.send(self._image) for _ in range(round(seconds * self._fps))]

    def pause(self, seconds):
        self._now_ns += round(seconds * NS_PER_S)

    def changes(self):
        """How often the verdict changed."""
        verdicts = [fault for _, fault in self.faults]
        return sum(before != after for before, after in zip(verdicts, verdicts[1:], strict=False))


def seconds_until(faults, wanted, fps=30):
    return next(index for index, fault in enumerate(faults, 1) if fault == wanted) / fps


def test_a_live_picture_has_no_fault():
    assert set(Stream().live(5)) == {None}


@pytest.mark.parametrize("fps", [5, 15, 30])
def test_a_frozen_picture_is_found_within_three_seconds_and_masked(fps):
    stream = Stream(fps)
    stream.live(2)
    faults = stream.frozen(4)
    assert 1.9 < seconds_until(faults, FROZEN, fps) < 3
    assert faults[-1].masks
    assert faults[-1].reopens
    assert stream.changes() == 1


def test_it_is_over_when_pictures_have_changed_for_a_second():
    stream = Stream()
    stream.live(1)
    stream.frozen(10)
    faults = stream.live(3)
    assert 0.9 < seconds_until(faults, None) < 1.5
    assert stream.changes() <= 3


def test_one_pixel_is_a_change():
    stream = Stream()
    stream.live(1)
    for number in range(150):
        image = PICTURES[0].copy()
        image[5, 5, 0] = number % 2
        stream.send(image)
    assert stream.faults[-1][1] is None


def test_every_picture_sent_twice_is_no_fault_and_heals():
    stream = Stream()
    stream.live(1)
    for number in range(90):
        stream.send(PICTURES[number // 2 % 64])
    assert stream.changes() == 0
    stream.frozen(4)
    for number in range(90):
        stream.send(PICTURES[number // 2 % 64])
    assert stream.faults[-1][1] is None


def test_the_same_picture_after_a_pause_is_not_frozen():
    stream = Stream()
    stream.live(1)
    stream.pause(8)
    assert set(stream.frozen(1)) == {None}
    assert stream.frozen(2)[-1] == FROZEN


def test_a_slow_camera_is_not_frozen_and_heals_too():
    stream = Stream(fps=1)
    assert set(stream.live(10)) == {None}
    assert stream.frozen(5)[-1] == FROZEN
    assert stream.live(4)[-1] is None


@pytest.mark.parametrize("gop_s", [2.5, 4, 10])
def test_key_frames_of_a_still_scene_neither_heal_nor_make_it_flap_nor_open_it_again(gop_s):
    stream = Stream()
    stream.live(1)
    for _ in range(6):
        stream.live(1 / 30)
        stream.frozen(gop_s)
    assert stream.faults[-1][1] == STILL
    assert not STILL.reopens
    assert stream.changes() == 2, "fine, FROZEN, STILL"
    assert seconds_until(stream.live(3), None) < 1.5, "somebody comes"


def test_key_frames_every_second_are_enough_to_be_fine():
    stream = Stream()
    for _ in range(10):
        stream.live(1 / 30)
        stream.frozen(29 / 30)
    assert stream.changes() == 0


def test_what_was_frozen_is_so_after_an_opening_until_it_changes_for_a_second():
    stream = Stream()
    stream.live(1)
    stream.frozen(5)
    stream.watch.reopened()
    assert set(stream.frozen(4)) == {FROZEN}
    stream.watch.reopened()
    assert stream.live(1 / 30) == [FROZEN], "a first picture that is another proves nothing"
    assert set(stream.frozen(1)) == {FROZEN}
    stream.watch.reopened()
    assert seconds_until(stream.live(3), None) < 1.5


def test_what_healed_is_opened_again_when_it_freezes_anew():
    stream = Stream()
    stream.live(1)
    for _ in range(3):
        stream.live(1 / 30)
        stream.frozen(4)
    assert stream.faults[-1][1] == STILL
    stream.live(3)
    assert stream.frozen(4)[-1] == FROZEN


def test_a_black_picture_is_told_but_not_masked_nor_opened_again():
    stream = Stream()
    stream.live(1)
    faults = stream.live(4, DARK)
    assert 1.9 < seconds_until(faults, BLACK) < 3
    assert not BLACK.masks
    assert not BLACK.reopens
    faults = stream.live(3)
    assert 0.9 < seconds_until(faults, None) < 1.5
    assert stream.changes() == 2


def test_black_and_frozen_is_black():
    stream = Stream()
    stream.live(1)
    stream.send(np.full((48, 64, 3), 16, np.uint8))
    stream.frozen(5)
    assert stream.faults[-1][1] == BLACK


def test_a_dark_room_with_somebody_in_it_is_not_black():
    dim = PICTURES // 5
    assert set(Stream().live(4, dim)) == {None}


def test_light_that_flickers_does_not_make_it_flap():
    stream = Stream()
    stream.live(1)
    for _ in range(10):
        stream.live(0.5, DARK)
        stream.live(0.5)
    assert stream.changes() == 0


def test_another_size_is_another_picture():
    stream = Stream()
    stream.live(1)
    stream.frozen(3)
    stream.send(np.zeros((24, 32, 3), np.uint8) + 99)
    assert stream.faults[-1][1].masks


def test_a_frame_is_left_as_it_was():
    image = PICTURES[3].copy()
    frame = Frame(1, 1, 0, image)
    PictureWatch().step(frame)
    assert replace(frame) == frame
    assert (image == PICTURES[3]).all()
