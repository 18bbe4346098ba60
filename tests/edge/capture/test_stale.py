from __future__ import annotations

import numpy as np

from edge.capture.stale import Backlog, RepeatWatch
from edge.clock import NS_PER_MS


class Stream:
    """Pictures that came after so many ms of waiting; `passed` says which are let through."""

    def __init__(self):
        self._now_ms = 5000
        self._backlog = Backlog(self._now_ms * NS_PER_MS)

    def passed(self, *waits_ms):
        passed = []
        for wait_ms in waits_ms:
            asked_ms, self._now_ms = self._now_ms, self._now_ms + wait_ms
            passed.append(not self._backlog.step(asked_ms * NS_PER_MS, self._now_ms * NS_PER_MS))
        return passed


def test_what_came_before_the_first_wait_has_piled_up():
    assert Stream().passed(1, 2, 3, 30, 1, 33) == [False, False, False, True, True, True]


def test_a_burst_after_a_pause_has_piled_up():
    stream = Stream()
    assert all(stream.passed(33, 33, 34, 32))
    assert stream.passed(700, 2, 2, 3, 25, 33, 1, 60) == [True, False, False, False, True, True, True, True]


def test_pictures_that_come_in_small_batches_are_all_kept():
    assert all(Stream().passed(166, 1, 1, 1, 1, 166, 1, 1, 1, 1))


def test_a_slow_camera_has_no_backlog():
    assert all(Stream().passed(200, 200, 1000, 200, 1000))


def test_a_decoder_that_never_has_to_wait_is_believed_in_the_end():
    assert Stream().passed(*[7] * 600)[-100:] == [True] * 100


def test_the_last_picture_repeated_for_ever_is_found_out():
    watch = RepeatWatch()
    picture = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    assert not watch.step(picture, 40.0)
    assert watch.step(picture.copy(), 40.0), "same stamp, same picture"
    assert not watch.step(picture, 73.0), "a still scene"
    assert not watch.step(picture[::-1], 73.0), "another picture"
    assert not watch.step(picture[::-1], 0.0)
    assert not watch.step(picture[::-1], 0.0), "a driver without stamps"
