"""RTSP cameras, against a real one: H.264 from gst-rtsp-server."""

from __future__ import annotations

import threading
import time

import numpy as np
import psutil
import pytest

from edge.capture.source import make_sources
from edge.errors import DeviceError
from tests.frames import read_frames
from tests.mjpeg import read_stamp
from tests.rtsp import RtspServer, needs_rtsp_server

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(autouse=True, scope="module")
def _installed():
    needs_rtsp_server()


@pytest.fixture
def server():
    with RtspServer() as server:
        yield server


@pytest.fixture
def open_camera():
    """Cameras that are closed after the test."""
    cameras = []

    def opened(url):
        camera, _ = make_sources(url, "none")
        cameras.append(camera)
        camera.open()
        return camera

    yield opened
    for camera in cameras:
        camera.close()


def read_until_lost(camera):
    """How often a read gave nothing before it raised, and the error."""
    nothing = 0
    while True:
        try:
            nothing += camera.read(0.2) is None
        except DeviceError as error:
            return nothing, error


def ages_ms(frames):
    """From the moment the camera made a picture to its arrival."""
    return np.array([frame.arrived_ns - read_stamp(frame.image).t_ns for frame in frames]) / 1e6


def test_every_picture_comes_once_in_order_and_dated(server, open_camera):
    camera = open_camera(server.url)
    frames = read_frames(camera, 40)
    assert (np.diff([read_stamp(frame.image).number for frame in frames]) >= 1).all()
    assert [frame.seq for frame in frames] == list(range(40))
    stamps = [frame.t_ns for frame in frames]
    assert (np.diff(stamps) > 0).all()
    assert stamps == [frame.arrived_ns for frame in frames]
    assert 0 < time.monotonic_ns() - stamps[-1] < 2_000_000_000
    assert (ages_ms(frames) > 0).all()
    assert camera.stamp_kind == "arrival"
    assert frames[0].image.shape == (480, 640, 3)


def test_pictures_from_before_the_opening_are_not_dated_as_new(server, open_camera):
    ages = ages_ms(read_frames(open_camera(server.url), 40))
    assert np.median(ages[:5]) - np.median(ages[-20:]) < 100


def test_at_most_one_picture_is_held_back_whatever_the_number_of_cores(open_camera):
    with RtspServer(fps=5) as server:
        ages = ages_ms(read_frames(open_camera(server.url), 8))
    assert np.median(ages) < 1.8 * 200


@pytest.mark.parametrize(("gop", "terse"), [(180, False), (130, True)])
def test_a_running_stream_is_joined_even_if_its_next_key_frame_is_seconds_away(open_camera, gop, terse):
    with RtspServer(gop=gop, terse=terse) as server:
        first = read_frames(open_camera(server.url), 2)[-1]
        joined = read_frames(open_camera(server.url), 10)
        numbers = [read_stamp(frame.image).number for frame in (first, *joined)]
        assert (np.diff(numbers) >= 1).all(), "both see one stream, and its pictures are whole"


def test_pictures_travel_over_tcp(server, open_camera):
    read_frames(open_camera(server.url), 3)
    kinds = {kind for kind in ("tcp", "udp") for socket in psutil.net_connections(kind) if socket.pid == server.pid}
    assert kinds == {"tcp"}


def test_a_camera_whose_plug_is_pulled_is_lost_and_comes_back(server, open_camera):
    camera = open_camera(server.url)
    read_frames(camera, 3)
    server.stop()
    began = time.monotonic()
    _, error = read_until_lost(camera)
    assert time.monotonic() - began < 10, "FFmpeg's own limit is 30 s"
    assert "no more pictures" in str(error)
    with pytest.raises(DeviceError, match="does not answer"):
        camera.open()
    server.start()
    camera.open()
    assert read_frames(camera, 3)[0].seq == 0


def test_a_stalled_camera_gives_nothing_in_time_and_then_an_error(server, open_camera):
    camera = open_camera(server.url)
    read_frames(camera, 3)
    server.stall()
    began = time.monotonic()
    nothing, error = read_until_lost(camera)
    with pytest.raises(DeviceError, match="does not answer"):
        camera.open()
    assert time.monotonic() - began < 20, "FFmpeg's own limit is 30 s, twice"
    assert nothing >= 2
    assert "no more pictures" in str(error)
    server.resume()
    camera.open()
    read_frames(camera, 3)


def test_a_path_that_the_camera_does_not_have_is_one_sentence(server, open_camera):
    with pytest.raises(DeviceError, match=r"^Camera 'rtsp://127.0.0.1:\d+/other' does not answer .+ address.+\.$"):
        open_camera(server.url.replace("/cam", "/other"))


def test_user_and_password_open_the_camera_and_are_shown_nowhere(open_camera, capfd):
    with RtspServer(user="me", password="secret") as server:
        camera = open_camera(server.url.replace("//", "//me:secret@"))
        read_frames(camera, 3)
        shown = [camera.name, *(thread.name for thread in threading.enumerate())]
        for wrong in ("", "me:secret2@"):
            with pytest.raises(DeviceError, match="user and password") as refused:
                open_camera(server.url.replace("//", f"//{wrong}"))
            shown.append(str(refused.value))
        server.stop()
        shown.append(str(read_until_lost(camera)[1]))
    assert f"rtsp://***@127.0.0.1:{server.port}/cam" in shown
    assert "secret" not in " ".join([*shown, *capfd.readouterr()])
