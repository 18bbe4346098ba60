from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import psutil
import pytest

from edge.errors import DeviceError
from edge.publish.screen.drawing import draw, waiting_picture
from edge.publish.screen.overlay import Overlay
from edge.publish.screen.overlay_window import TITLE
from edge.publish.screen.palette import rgb
from edge.publish.screen.vitals import Vitals
from edge.samples import EMOTIONS, Box
from tests.broker import until
from tests.display import virtual_display
from tests.edge.publish import records

pytestmark = pytest.mark.timeout(120)
PICTURE = np.full((480, 640, 3), 90, np.uint8)
BOX = Box(200, 100, 160, 180)
HAPPY_BGR = np.array(rgb("happy")[::-1])


@pytest.fixture(scope="module")
def display():
    with virtual_display() as running:
        yield running


@pytest.fixture
def overlay(display):
    made = Overlay(display.environ)
    made.start()
    until(lambda: display.window(TITLE), "the window")
    yield made
    made.stop()


def message(emotion="happy", box=BOX):
    return records.message([records.face(3, box, records.verdict(emotion, 0.83))])


def is_color(pixels, color) -> np.ndarray:
    return np.abs(pixels.astype(int) - color).max(axis=-1) < 12


def show_until(display, overlay, seen):
    """Feed results until `seen(what the window shows)`; gives that picture back."""
    shot = None

    def look():
        nonlocal shot
        overlay.result(message(), records.result(), PICTURE)
        _, x, y, width, height = display.window(TITLE)
        shot = display.screenshot()[y : y + height, x : x + width]
        return seen(shot)

    until(look, "the picture on the screen")
    return shot


def test_the_window_shows_the_box_where_the_face_is(display, overlay):
    def box_edges(shot):
        if shot.shape != PICTURE.shape:
            return False
        middle_x, middle_y = int(BOX.x + BOX.width / 2), int(BOX.y + BOX.height / 2)
        points = [(middle_y, int(BOX.x)), (middle_y, int(BOX.x + BOX.width)), (int(BOX.y + BOX.height), middle_x)]
        return all(is_color(shot[y, x], HAPPY_BGR) for y, x in points)

    shot = show_until(display, overlay, box_edges)
    inside = shot[140:270, 220:340]
    assert not is_color(inside, HAPPY_BGR).any()


def test_q_closes_the_window_and_nothing_else(display, overlay, caplog):
    with caplog.at_level(logging.INFO):
        overlay.result(message(), None, PICTURE)
        window = display.window(TITLE)[0]

        def gone():
            display.press(window, "q")  # again: one that comes before the window has the focus is lost
            return not overlay.open

        until(gone, "the window's process ended")
        until(lambda: "everything else goes on" in caplog.text, "the log says so")
    assert display.window(TITLE) is None
    overlay.result(message(), None, PICTURE)
    overlay.picture(PICTURE)
    overlay.status("video", "offline")
    overlay.stop()


def test_closing_the_window_by_its_button_is_the_same(display, overlay):
    display.close(display.window(TITLE)[0])
    until(lambda: not overlay.open, "the window's process ended")
    overlay.result(message(), None, PICTURE)


def test_the_picture_goes_when_the_camera_or_the_switch_goes(display, overlay):
    bright = np.full_like(PICTURE, 220)
    for gone, back in (
        (lambda: overlay.status("video", "disabled"), lambda: overlay.status("video", "online")),
        (lambda: overlay.enabled(False), lambda: overlay.enabled(True)),
    ):
        back()

        def brightness():
            _, x, y, width, height = display.window(TITLE)
            return display.screenshot()[y : y + height, x : x + width].mean()

        def shown():
            overlay.picture(bright)
            return brightness() > 150

        until(shown, "the picture")
        gone()
        until(lambda: brightness() < 60, "a dark window")


def test_a_stopped_window_blocks_nobody(display, overlay):
    os.kill(overlay._child.pid, signal.SIGSTOP)
    big = np.zeros((1080, 1920, 3), np.uint8)
    started = time.monotonic()
    for _ in range(200):
        overlay.picture(big)
        overlay.result(message(), None, None)
    assert time.monotonic() - started < 2
    overlay.stop()
    assert not overlay.open


def test_the_window_does_not_outlive_the_daemon(display):
    program = textwrap.dedent("""
        import time
        from edge.publish.screen.overlay import Overlay
        overlay = Overlay()
        overlay.start()
        print(overlay._child.pid, flush=True)
        time.sleep(60)
    """)
    parent = subprocess.Popen([sys.executable, "-c", program], env=display.environ, stdout=subprocess.PIPE, text=True)
    window = int(parent.stdout.readline())
    until(lambda: display.window(TITLE), "the window")
    parent.kill()
    parent.wait()
    child = psutil.Process(window) if psutil.pid_exists(window) else None
    until(lambda: child is None or not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "its end")


def test_no_display_is_one_sentence():
    with pytest.raises(DeviceError, match="neither DISPLAY nor WAYLAND_DISPLAY"):
        Overlay({"PATH": os.environ["PATH"]}).start()


def test_a_display_that_is_not_there_is_one_line(caplog):
    overlay = Overlay({**os.environ, "DISPLAY": ":987"})
    overlay.start()
    until(lambda: "cannot open a window on display :987" in caplog.text, "the log says so")
    overlay.result(message(), None, PICTURE)
    overlay.stop()


@pytest.mark.parametrize("emotion", EMOTIONS)
@pytest.mark.parametrize("size", [(480, 640), (720, 1280), (240, 320), (1080, 810)])
def test_drawing_keeps_shape_and_input_and_marks_the_face(emotion, size):
    height, width = size
    image = np.full((height, width, 3), 90, np.uint8)
    kept = image.copy()
    drawn = draw(image, message(emotion), Vitals(25.0, -20.0, "online", "degraded"))
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8
    assert (image == kept).all()
    edge_x, edge_y = round(0.3125 * width), round((100 + 90) / 480 * height)
    assert is_color(drawn[edge_y, edge_x - 2 : edge_x + 3], rgb(emotion)[::-1]).any()


@pytest.mark.parametrize(
    "box", [Box(-50, -50, 90, 90), Box(600, 440, 90, 90), Box(0, 0, 640, 480), Box(639, 479, 1, 1)]
)
def test_drawing_survives_faces_at_the_edges(box):
    judged = records.verdict("sad", 0.4, uncertain=True, reasons=("small", "dark", "noisy"))
    shown = records.message([records.face(3, box, judged), records.face(4, box, speaking=False)])
    draw(PICTURE, shown, Vitals())


def test_drawing_without_a_message_or_with_unknown_numbers():
    draw(waiting_picture(), None, Vitals())
    sync = records.sync(audio_lag_ms=None)
    judged = records.verdict(share=float("nan"))
    draw(PICTURE, records.message([records.face(judged=judged)], records.silence(), sync=sync), Vitals(float("nan")))


def test_switched_off_hides_the_picture():
    bright = np.full((480, 640, 3), 255, np.uint8)
    assert draw(bright, message(), Vitals(enabled=False)).mean() < 50


def test_a_broker_that_is_away_is_marked_and_none_at_all_is_not():
    drawn = {state: draw(PICTURE, None, Vitals(broker=state)) for state in (None, "connected", "lost")}
    changed = drawn["connected"] != drawn["lost"]
    assert 0 < changed.any(axis=2).sum() < 300  # a dot
    assert (drawn[None] != drawn["connected"]).any(axis=2).sum() > changed.any(axis=2).sum()
