"""The real daemon, stopped and continued: it begins afresh with a live camera."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.broker import Mosquitto, listening, until
from tests.mjpeg import MjpegServer
from tests.process.command import Running

pytestmark = pytest.mark.timeout(180)
STOPPED_S = 4.0


@pytest.fixture
def clip(demo_clip_path):
    return demo_clip_path


def test_a_daemon_that_was_stopped_begins_afresh_and_blames_nobody(clip, tmp_path):
    with Mosquitto(tmp_path) as broker, MjpegServer(clip, burn=False) as camera, listening(broker.port) as heard:
        words = ["--camera", camera.url, "--mic", "none", "--broker", broker.url, "--device-id", "desk", "--json"]
        with Running(*words, environ={"STATE_DIRECTORY": str(tmp_path / "state")}) as running:
            running.wait_for("video is online")
            until(lambda: any(one["faces"] for one in running.wait_for_results(3)), "a face is seen")
            os.kill(running.child.pid, signal.SIGSTOP)
            time.sleep(STOPPED_S)
            continued_ns = time.monotonic_ns()
            os.kill(running.child.pid, signal.SIGCONT)
            running.wait_for("starting afresh")
            seen: list[dict] = []
            until(lambda: seen.extend(running.wait_for_results(3)) or any(faces_since(seen, continued_ns)), "a face")
            until(lambda: heard.on("stats")[-1].at > continued_ns / 1e9, "stats of the time since")
            statuses = [one.payload for one in heard.on("status/video")]
            stats = heard.on("stats")[-1].json()
            done = running.end()
    done.assert_no_traceback()
    assert done.code == 0
    log = [line for line in done.err.splitlines() if "edge.daemon" in line or "WARNING" in line]
    assert sum("starting afresh" in line for line in done.err.splitlines()) == 1, log
    assert statuses == ["offline", "online"], "not yet open, and then the camera was not to blame"
    assert (stats["reconnects_last_hour"], stats["stalls_last_hour"]) == (0, 0)
    tracks = {face["track"] for one in done.results if one["t_ns"] < continued_ns for face in one["faces"]}
    assert min(faces_since(seen, continued_ns)) > max(tracks), "who is there now is not who was there then"
    seqs = [one["seq"] for one in done.results]
    assert seqs == sorted(set(seqs))
    assert seqs[-1] - seqs[0] + 1 - len(seqs) >= (STOPPED_S - 2) * 5, "ticks that nobody could answer are a gap"


def faces_since(results, since_ns):
    """Tracks of the faces in windows that lie wholly after this moment."""
    return [face["track"] for one in results if one["t_ns"] > since_ns + 10**9 for face in one["faces"]]
