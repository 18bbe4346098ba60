"""The built-in clip of `edge-emotion demo`: made on first use from what free packages carry, then kept in the cache."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from edge.capture.demo_face import HEIGHT, WIDTH, DemoFace, Gesture
from edge.capture.demo_speech import SPEECH_RATE_HZ, make_speech, mouth_openings
from edge.config import cache_dir
from edge.errors import EdgeError
from edge.samples import Floats

FPS = 30
_SAMPLES_PER_FRAME = SPEECH_RATE_HZ // FPS  # 735, without a rest
_RECIPE = 1
"""Part of the file's name: another recipe makes another clip."""
_WORKPLACE = ".demo-"
"""Beside the clip, not in the system's temporary folder: a rename cannot cross file systems."""
_BLINKS_S = (1.9, 5.3, 6.0, 9.1)
_BLINK_HALF_S = 0.11

_log = logging.getLogger(__name__)


def demo_clip(cache: Path | None = None) -> Path:
    """The clip's file: 640×480, 30 frames a second, about 12 s, picture and sound in step.

    Args:
        cache: the folder that keeps it, by default the user's cache.

    Raises:
        EdgeError: espeak-ng or scikit-image is missing, or the folder cannot be written.
    """
    folder = cache or cache_dir()
    path = folder / f"demo-{_RECIPE}.mp4"
    if path.is_file():
        return path
    speech = make_speech()
    face = DemoFace()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            if not path.is_file():
                _make(path, speech, face)
    except OSError as error:
        raise EdgeError(
            f"The demo clip {path} cannot be written ({error.strerror or error}): "
            "make room there, or name another folder in XDG_CACHE_HOME."
        ) from error
    return path


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two that start together make one clip: the second one waits, and finds it. No clock says who is at work."""
    held = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _make(path: Path, speech: Floats, face: DemoFace) -> None:
    """Raises OSError; whatever a start that was killed has left is removed."""
    for left in path.parent.glob(f"{_WORKPLACE}*"):
        shutil.rmtree(left, ignore_errors=True)
    _log.info("making the demo clip %s, this once", path)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=_WORKPLACE) as workplace:
        unfinished = Path(workplace) / path.name
        _write(unfinished, speech, face)
        unfinished.replace(path)


def _write(path: Path, speech: Floats, face: DemoFace) -> None:
    """Picture by picture, each with the sound that belongs to it."""
    with av.open(os.fspath(path), "w", format="mp4") as container:
        video = _video_stream(container)
        sound: Any = container.add_stream("aac", rate=SPEECH_RATE_HZ, layout="mono")
        sound.bit_rate = 96_000
        for number, mouth in enumerate(mouth_openings(speech, FPS)):
            picture = av.VideoFrame.from_ndarray(face.draw(_gesture(number / FPS, float(mouth))), format="bgr24")
            picture.pts, picture.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(picture))
            first = number * _SAMPLES_PER_FRAME
            container.mux(sound.encode(_sound_frame(speech[first : first + _SAMPLES_PER_FRAME], first)))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))


def _video_stream(container: Any) -> Any:
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    options = {"preset": "veryfast", "crf": "20", "bf": "0"} if codec == "libx264" else {"qscale": "3"}
    stream = container.add_stream(codec, rate=FPS, options=options)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    return stream


def _sound_frame(samples: Floats, first: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[np.newaxis]), format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = SPEECH_RATE_HZ, first, Fraction(1, SPEECH_RATE_HZ)
    return frame


def _gesture(t_s: float, mouth: float) -> Gesture:
    """Slow waves of unrelated periods look like somebody who sits and talks."""
    blink = max(0.0, 1.0 - min(abs(t_s - moment) for moment in _BLINKS_S) / _BLINK_HALF_S)
    return Gesture(
        mouth=mouth,
        blink=min(1.0, 1.5 * blink),
        sway=(3.2 * _wave(t_s, 4.3) + _wave(t_s, 1.7), 1.6 * _wave(t_s, 3.1) - 1.2 * mouth),
        tilt_deg=2.2 * _wave(t_s + 0.8, 5.1),
        zoom=1.0 + 0.025 * _wave(t_s, 7.3),
    )


def _wave(t_s: float, period_s: float) -> float:
    return math.sin(2 * math.pi * t_s / period_s)
