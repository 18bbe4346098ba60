from __future__ import annotations

import os
import stat
import time

import numpy as np
import pytest

from edge.capture.camera import Camera, frame_stamp
from edge.capture.opencv import csi_pipeline
from edge.capture.source import make_sources
from edge.capture.spec import Spec
from edge.errors import DeviceError
from tests.frames import read_frames
from tests.mjpeg import MjpegServer, read_stamp

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def server():
    with MjpegServer(fps=30) as server:
        yield server


@pytest.fixture
def camera(server):
    camera, _ = make_sources(server.url, "none")
    yield camera
    camera.close()


def read_until_lost(camera):
    """How many reads gave nothing, how long the longest one took, and the error."""
    nothing, longest_s = 0, 0.0
    while True:
        began = time.monotonic()
        try:
            nothing += camera.read(0.2) is None
        except DeviceError as error:
            return nothing, longest_s, error
        longest_s = max(longest_s, time.monotonic() - began)


def test_every_picture_of_a_live_camera_comes_once_in_order_and_dated(camera):
    camera.open()
    frames = read_frames(camera, 40)
    stamps = [read_stamp(frame.image) for frame in frames]
    numbers = [stamp.number for stamp in stamps]
    assert (np.diff(numbers) >= 1).all()
    assert numbers[-1] - numbers[0] + 1 - len(numbers) <= camera.overflows + 2
    assert [frame.seq for frame in frames] == list(range(40))
    assert (np.diff([frame.t_ns for frame in frames]) > 0).all()
    # A picture cannot have been taken before it was sent.
    assert all(frame.t_ns >= stamp.t_ns for frame, stamp in zip(frames, stamps, strict=True))
    assert all(frame.t_ns == frame.arrived_ns for frame in frames)
    assert camera.stamp_kind == "arrival"
    assert camera.live
    assert frames[0].image.shape == (480, 640, 3)


def test_the_age_of_pictures_does_not_grow(camera):
    camera.open()
    ages = [frame.arrived_ns - read_stamp(frame.image).t_ns for frame in read_frames(camera, 90)]
    early, late = np.median(ages[:30]), np.median(ages[-30:])
    assert late - early < 100_000_000, "pictures queue up somewhere"


def test_a_reader_that_sleeps_gets_the_newest_pictures_and_the_loss_is_counted(camera):
    camera.open()
    read_frames(camera, 2)
    time.sleep(1.0)
    frame = camera.read(1.0)
    assert camera.overflows > 5
    assert time.monotonic_ns() - frame.t_ns < 800_000_000


def test_a_stalled_camera_gives_nothing_in_time_and_then_an_error(server, camera):
    camera.open()
    read_frames(camera, 3)
    server.stall()
    began = time.monotonic()
    nothing, longest_s, error = read_until_lost(camera)
    assert time.monotonic() - began < 15, "FFmpeg's own limit is 30 s"
    assert nothing >= 2
    assert longest_s < 1.0
    assert "no more pictures" in str(error)
    server.resume()
    camera.open()
    read_frames(camera, 3)


def test_a_camera_whose_plug_is_pulled_is_lost_and_comes_back(server, camera):
    camera.open()
    read_frames(camera, 3)
    server.stop()
    read_until_lost(camera)
    with pytest.raises(DeviceError, match="does not answer"):
        camera.open()
    with pytest.raises(DeviceError, match="not open"):
        camera.read(0.1)
    server.start()
    camera.open()
    assert read_frames(camera, 3)[0].seq == 0


def test_opening_a_camera_that_never_answers_ends(server, camera):
    server.stall()
    began = time.monotonic()
    with pytest.raises(DeviceError, match="does not answer"):
        camera.open()
    assert time.monotonic() - began < 15, "FFmpeg's own limit is 30 s"


def test_closing_is_safe_at_any_time(server, camera):
    camera.close()
    camera.open()
    server.stall()
    began = time.monotonic()
    camera.close()
    camera.close()
    assert time.monotonic() - began < 10
    with pytest.raises(DeviceError, match="not open"):
        camera.read(0.1)


def test_a_large_picture_is_scaled_down_on_the_way_in():
    with MjpegServer(fps=5, width=2560, height=1440) as server:
        camera, _ = make_sources(server.url, "none")
        camera.open()
        try:
            assert camera.read(5.0).image.shape == (720, 1280, 3)
        finally:
            camera.close()


@pytest.mark.parametrize("spec", ["63", "/dev/video63", "usb-no-such-camera"])
def test_a_camera_that_is_not_there_is_one_sentence_that_says_what_is(spec):
    camera, _ = make_sources(spec, "none")
    with pytest.raises(DeviceError, match=r"cameras present: .+\): plug it in"):
        camera.open()


def test_another_device_is_told_to_be_no_camera():
    camera, _ = make_sources("/dev/null", "none")
    with pytest.raises(DeviceError, match=r"'/dev/null' is not a camera .*edge-emotion devices"):
        camera.open()


def test_a_device_without_a_driver_is_told_to_be_unplugged(tmp_path):
    node = tmp_path / "video0"
    try:
        os.mknod(node, stat.S_IFCHR | 0o600, os.makedev(81, 250))
    except OSError:
        pytest.skip("only root may make device nodes")
    with pytest.raises(DeviceError, match=r"has been unplugged: plug it in again\."):
        Camera(Spec("device", str(node))).open()


def test_a_csi_camera_without_gstreamer_says_what_to_do():
    cv2 = pytest.importorskip("cv2")
    if cv2.videoio_registry.hasBackend(cv2.CAP_GSTREAMER):
        pytest.skip("this OpenCV has GStreamer")
    camera, _ = make_sources("csi:0", "none")
    with pytest.raises(DeviceError, match="system-site-packages"):
        camera.open()


def test_the_csi_pipeline_asks_for_the_size_and_keeps_the_newest_only():
    pipeline = csi_pipeline(1, 1280, 720, 60)
    assert "sensor-id=1" in pipeline
    assert "width=1280,height=720,framerate=60/1" in pipeline
    assert "drop=true max-buffers=1" in pipeline


def test_a_password_is_not_in_the_error():
    camera, _ = make_sources("rtsp://me:secret@127.0.0.1:9/stream", "none")
    assert camera.name == "rtsp://***@127.0.0.1:9/stream"
    with pytest.raises(DeviceError) as caught:
        camera.open()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("driver_ms", "expected"),
    [
        (99_960.0, (99_960_000_000, "driver")),
        (0.0, (100_000_000_000, "arrival")),
        (-1.0, (100_000_000_000, "arrival")),
        (98_900.0, (100_000_000_000, "arrival")),
        (100_001.0, (100_000_000_000, "arrival")),
        (1_790_000_000_000.0, (100_000_000_000, "arrival")),
    ],
)
def test_only_a_sane_driver_stamp_is_believed(driver_ms, expected):
    assert frame_stamp(driver_ms, 100_000_000_000) == expected
