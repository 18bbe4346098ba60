"""What cameras do to a daemon."""

from __future__ import annotations

from dataclasses import replace

from tests.fault_bench.fault import Fault
from tests.fault_bench.loss import Loss
from tests.fault_bench.marks import face, no_face, no_picture
from tests.fault_bench.site import Site

LOST_S = 2.0
FROZEN_S = 3.0
SLOW_S = 5.0
"""Nothing was promised for a camera that is slow: so long it may take to be sure of it."""
GONE = Loss(
    "video", frozenset({"offline"}), ("sends no more", "does not answer", "delivered nothing"), LOST_S, no_picture, face
)
STANDING = replace(GONE, states=frozenset({"degraded", "offline"}), words=(*GONE.words, "delivers nothing"))
FROZEN = Loss("video", frozenset({"degraded"}), ("has not changed",), FROZEN_S, no_picture, face)
BLACK = Loss("video", frozenset({"degraded"}), ("is black",), FROZEN_S, no_face, face)
SLOW = Loss("video", frozenset({"degraded"}), ("pictures a second", "delivers nothing"), SLOW_S, None, face)
RTSP = {"camera": "rtsp"}


def pull(here: Site) -> None:
    here.camera.stop()


def plug(here: Site) -> None:
    here.camera.start()


def stall(here: Site) -> None:
    here.camera.stall()


def resume(here: Site) -> None:
    here.camera.resume()


def play(here: Site) -> None:
    here.camera.play()


FAULTS = {
    "camera-killed": Fault("MJPEG camera killed, back on its port after {seconds} s", pull, plug, (GONE,)),
    "camera-away": Fault("the same, for {seconds} s", pull, plug, (GONE,), (60, 12)),
    "camera-stopped": Fault("MJPEG camera stopped (SIGSTOP) for {seconds} s", stall, resume, (STANDING,)),
    "camera-3-fps": Fault(
        "MJPEG camera sends 3 pictures a second for {seconds} s",
        lambda here: here.camera.slow_down(3),
        play,
        (SLOW,),
        (15, 6),
    ),
    "camera-1-fps": Fault(
        "MJPEG camera sends 1 picture a second for {seconds} s",
        lambda here: here.camera.slow_down(1),
        play,
        (SLOW,),
        (15, 6),
    ),
    "camera-frozen": Fault(
        "MJPEG camera sends the same picture for {seconds} s",
        lambda here: here.camera.freeze(),
        play,
        (FROZEN,),
        (20, 5),
    ),
    "camera-black": Fault(
        "MJPEG camera sends black pictures for {seconds} s", lambda here: here.camera.blacken(), play, (BLACK,), (15, 5)
    ),
    "rtsp-killed": Fault(
        "RTSP camera (H.264) killed, back on its port after {seconds} s",
        pull,
        plug,
        (replace(GONE, shown=None),),
        place=RTSP,
    ),
    "rtsp-stopped": Fault(
        "RTSP camera stopped (SIGSTOP) for {seconds} s", stall, resume, (replace(STANDING, shown=None),), place=RTSP
    ),
}
