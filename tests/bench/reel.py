"""Pictures encoded beforehand, so that a camera made of them costs next to nothing while it runs."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from pathlib import Path

import av
import cv2
import numpy as np

FPS = 30.0
BLACK = np.zeros((480, 640, 3), np.uint8)


def make_reel(clip: Path, path: Path) -> Path:
    """The clip's pictures as JPEGs, and at the end a black one, in one file; made once."""
    if not path.exists():
        with av.open(str(clip)) as container:
            pictures = [_jpeg(frame.to_ndarray(format="bgr24")) for frame in container.decode(video=0)]
        path.write_bytes(pickle.dumps([*pictures, _jpeg(BLACK)]))
    return path


def load_reel(path: Path) -> tuple[list[bytes], bytes]:
    """The pictures and the black one, as parts of a multipart stream."""
    *pictures, black = map(_part, _unpickled(path))
    return pictures, black


def _unpickled(path: Path) -> Iterable[bytes]:
    return pickle.loads(path.read_bytes())  # made by `make_reel` of this very run


def _jpeg(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()


def _part(jpeg: bytes) -> bytes:
    return b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg) + jpeg + b"\r\n"
