"""What becomes of a driver's errors: captures that fail in the ways that OpenCV shows, on a clock of their own."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest

from edge.capture import camera as camera_module
from edge.capture import grabber as grabber_module
from edge.capture.camera import Camera
from edge.capture.grabber import Grabber
from edge.capture.spec import Spec
from edge.clock import NS_PER_MS, NS_PER_S
from edge.errors import DeviceError
from tests.fakes import FakeClock
from tests.leaks import descriptors

PICTURES = np.random.default_rng(0).integers(30, 220, (8, 24, 32, 3), np.uint8)
FPS = 30
LOCAL, RTSP = Spec("index", "0"), Spec("url", "rtsp://127.0.0.1/cam")


class Capture:
    """A cv2.VideoCapture that plays a script: each entry says what the next grab meets, and the last one stays."""

    def __init__(self, clock, script):
        self.grabs = 0
        self.released = threading.Event()
        self._clock = clock
        self._script = script
        self._now = ""
        self._stamp_ns = 0

    def grab(self):
        self._now = self._script[min(self.grabs, len(self._script) - 1)]
        self.grabs += 1
        took_ns = {"timeout": NS_PER_S, "error": 20 * NS_PER_MS, "held back": 5 * NS_PER_S}.get(
            self._now, NS_PER_S // FPS
        )
        self._clock.advance(took_ns)
        if self._now in ("picture", "damaged", "raises"):
            self._stamp_ns = self._clock.now_ns()
        return self._now not in ("timeout", "error")

    def get(self, _property):
        return self._stamp_ns / NS_PER_MS

    def retrieve(self):
        if self._now == "raises":
            raise cv2.error("imdecode")
        if self._now == "damaged":
            return False, None
        return True, PICTURES[self.grabs % 8] if self._now == "picture" else PICTURES[0]

    def release(self):
        self.released.set()


class Played:
    """What came of a script: all pictures, and the error that ended it."""

    def __init__(self, script, present=lambda: True, spec=LOCAL):
        self._clock = FakeClock()
        self.capture = Capture(self._clock, script)
        self._grabber = Grabber(spec, lambda: self.capture, self._clock, present)
        self.pictures = []
        self._grabber.inbox.put = self.pictures.append
        with pytest.raises(DeviceError) as caught:
            self._run()
        assert self.capture.released.wait(5)
        self.error = str(caught.value)
        began_ns = self.pictures[-1].arrived_ns if self.pictures else FakeClock().now_ns()
        self.lasted_s = (self._clock.now_ns() - began_ns) / NS_PER_S

    def _run(self):
        self._grabber.start()
        self._grabber.inbox.take(20)


@pytest.mark.parametrize(
    ("script", "words", "limit_s"),
    [
        (["picture"] * 3 + ["error"], "reports errors instead of pictures", 1.0),
        (["picture"] * 3 + ["timeout"], "sends no more pictures", 3.1),
        (["picture"] * 3 + ["damaged"], "sends no more pictures", 2.5),
        (["picture"] * 3 + ["raises"], "sends no more pictures", 2.5),
        (["picture"] * 3 + ["the same buffer"], "sends no more pictures", 2.5),
        (["error"], "reports errors instead of pictures", 1.0),
    ],
)
def test_a_driver_that_gives_nothing_more_is_lost_and_told_why(script, words, limit_s):
    played = Played(script)
    assert words in played.error
    assert played.lasted_s < limit_s


def test_an_unplugged_camera_is_known_at_the_first_error():
    played = Played(["picture", "picture", "error"], present=lambda: False)
    assert len(played.pictures) == 2
    assert "'0' has been unplugged: plug it in again" in played.error
    assert played.capture.grabs == 3


@pytest.mark.parametrize("fault", ["error", "damaged", "raises"])
def test_single_faults_are_lost_pictures_and_no_more(fault):
    assert len(Played((["picture"] * 2 + [fault]) * 40 + ["timeout"]).pictures) == 80


def test_a_driver_without_stamps_delivers_the_same_pixels():
    assert len(Played(["the same buffer"] * 90 + ["timeout"]).pictures) == 90


def test_a_buffer_that_is_handed_out_again_is_no_picture():
    assert len(Played(["picture"] * 5 + ["the same buffer"] * 9 + ["picture"] * 5 + ["timeout"]).pictures) == 11


def test_a_picture_that_ffmpeg_held_back_is_no_sign_of_life():
    played = Played(["picture"] * 3 + ["held back"], spec=RTSP)
    assert len(played.pictures) == 3
    assert "no more pictures" in played.error


class Hanging:
    """An opening that never returns until it is let go, as in a driver that waits for its device."""

    def __init__(self):
        self.calls = 0
        self.go = threading.Event()

    def __call__(self, _spec):
        self.calls += 1
        self.go.wait(60)
        raise DeviceError("let go")


@pytest.fixture
def hanging(monkeypatch):
    opening = Hanging()
    monkeypatch.setattr(grabber_module, "_OPEN_LIMIT_S", 0.05)
    monkeypatch.setattr(camera_module, "open_csi", lambda spec, *_: opening(spec))
    yield opening
    opening.go.set()


def grabbers():
    return [thread for thread in threading.enumerate() if thread.name == "camera hang"]


def hanging_camera():
    return Camera(Spec("csi", "hang"))


def test_a_camera_that_hangs_leaves_one_thread_however_often_it_is_tried(hanging):
    camera = hanging_camera()
    with pytest.raises(DeviceError, match="did not open within"):
        camera.open()
    before = descriptors()
    for _ in range(30):
        with pytest.raises(DeviceError, match="hangs since it was last opened"):
            camera.open()
    assert hanging.calls == len(grabbers()) == 1
    assert descriptors() == before


def test_a_camera_that_was_plugged_in_anew_is_tried_beside_one_that_hangs_but_not_for_ever(hanging, monkeypatch):
    camera = hanging_camera()
    for number in range(20):
        monkeypatch.setattr(camera_module, "device_files", lambda number=number: number)
        with pytest.raises(DeviceError):
            camera.open()
    assert hanging.calls == len(grabbers()) == 3


def test_when_it_stops_hanging_it_is_tried_again(hanging):
    camera = hanging_camera()
    with pytest.raises(DeviceError, match="did not open within"):
        camera.open()
    [thread] = grabbers()
    hanging.go.set()
    thread.join(5)
    with pytest.raises(DeviceError, match="let go"):
        camera.open()


def test_a_close_that_hangs_counts_too(monkeypatch):
    monkeypatch.setattr(grabber_module, "_CLOSE_LIMIT_S", 0.05)
    stuck = threading.Event()

    class Stuck(Capture):
        def grab(self):
            stuck.wait(60)
            return True

    monkeypatch.setattr(camera_module, "open_csi", lambda *_: Stuck(FakeClock(), ["picture"]))
    camera = hanging_camera()
    camera.open()
    camera.close()
    with pytest.raises(DeviceError, match="hangs"):
        camera.open()
    stuck.set()
    for thread in grabbers():
        thread.join(5)
    camera.open()
    camera.close()
