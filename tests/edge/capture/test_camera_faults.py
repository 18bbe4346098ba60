"""A real camera on loopback that is lost, found and frozen, watched as the feed watches it."""

from __future__ import annotations

import contextlib
import time

import psutil
import pytest

from edge.capture.picture_watch import FROZEN, PictureWatch
from edge.capture.source import make_sources
from edge.clock import NS_PER_S
from edge.errors import DeviceError
from tests.bench.link import Link
from tests.frames import read_frames
from tests.leaks import descriptors, native_threads, threads
from tests.mjpeg import MjpegServer, read_stamp

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def server():
    with MjpegServer(fps=30, width=320, height=240) as server:
        yield server


@pytest.fixture
def camera(server):
    camera, _ = make_sources(server.url, "none")
    camera.open()
    yield camera
    camera.close()


def lose(camera):
    """Read until it is lost, and close it."""
    with pytest.raises(DeviceError, match="no more pictures"):
        read_on(camera)
    camera.close()


def read_on(camera):
    while True:
        camera.read(0.2)


def find(camera):
    """Wait for a sign of it and open it."""
    seen, until = camera.presence(), time.monotonic() + 20
    while camera.presence() == seen:
        assert time.monotonic() < until, "nobody noticed that the camera is back"
        time.sleep(0.02)
    camera.open()


def held():
    return descriptors(), native_threads(), tuple(name for name in threads() if name.startswith(("camera", "look-up")))


def test_twenty_times_lost_and_found_leave_nothing_behind(server, camera):
    after = []
    for cycle in range(21):
        server.stop()
        lose(camera)
        with pytest.raises(DeviceError, match="does not answer"):
            camera.open()
        assert held()[2] == ()
        camera.presence()
        server.start()
        if cycle % 4:
            camera.open()
        else:
            find(camera)
        read_frames(camera, 3)
        after.append(held() if after else settled())
        if after[-1] != after[0]:
            after[-1] = settled()
    assert after[0][2] == (f"camera {server.url}",)
    descriptors_at_first, threads_at_first, _ = after[0]  # what earlier tests left may still go meanwhile
    assert all(now[0] <= descriptors_at_first and now[1] <= threads_at_first for now in after)
    assert {names for _, _, names in after} == {after[0][2]}


def settled():
    """What is held when the camera has noticed that the probes left."""
    time.sleep(1)
    return held()


class OneClientServer(MjpegServer):
    """A cheap camera: who comes while it serves somebody waits until that one has left."""

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                self._clients.add(client)
                self._serve(client)


def test_a_camera_that_serves_one_client_is_not_kept_from_us_by_our_own_probe():
    with OneClientServer(fps=30, width=320, height=240) as server:
        camera, _ = make_sources(server.url, "none")
        camera.open()
        try:
            for fail, mend in ((server.stop, server.start), (server.stall, server.resume)):
                fail()
                lose(camera)
                for _ in range(5):
                    camera.presence()
                mend()
                find(camera)
                read_frames(camera, 3)
        finally:
            camera.close()


def test_a_probe_that_waits_for_a_camera_is_taken_back_when_nobody_wants_it(server, camera):
    server.stall()
    lose(camera)
    for _ in range(5):
        camera.presence()
    assert connections(server) == 1
    camera.close()
    assert connections(server) == 0


def connections(server):
    """How many of this process lead to the camera."""
    return sum(bool(one.raddr) and one.raddr.port == server.port for one in psutil.Process().net_connections("tcp"))


def test_a_frozen_picture_is_found_within_three_seconds_and_over_when_it_moves_again(server, camera):
    watch = PictureWatch()
    assert {watch.step(frame) for frame in read_frames(camera, 30)} == {None}
    server.freeze()
    frozen_ns = verdict_ns(camera, watch, FROZEN)
    server.thaw()
    over_ns = verdict_ns(camera, watch, None)
    assert frozen_ns < 3 * NS_PER_S
    assert over_ns < 3 * NS_PER_S


def test_pictures_that_a_network_held_up_are_not_dated_as_new(server):
    with Link(server.port) as link:
        camera, _ = make_sources(f"http://127.0.0.1:{link.port}/video.mjpg", "none")
        camera.open()
        try:
            read_frames(camera, 10)
            link.hold()
            time.sleep(0.9)
            link.release()
            ages_ns = [frame.arrived_ns - read_stamp(frame.image).t_ns for frame in read_frames(camera, 25)]
        finally:
            camera.close()
    # One that waited for the release, and whatever a busy machine makes late.
    assert sorted(ages_ns)[-5] < 0.3 * NS_PER_S


def verdict_ns(camera, watch, wanted):
    """How much of the camera's time goes by until the watch says so."""
    began_ns = read_frames(camera, 1)[0].arrived_ns
    for _ in range(150):
        [frame] = read_frames(camera, 1)
        if watch.step(frame) == wanted:
            return frame.arrived_ns - began_ns
    pytest.fail(f"the watch never said {wanted}")
