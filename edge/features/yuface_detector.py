"""libfacedetection out of the package yuface: weights inside the wheel (x86-64, Python up to 3.11 only).

The package's own binding allocates 36 KB for the answers of every call and never frees them, so its library is called
here without it: https://github.com/ShiqiYu/libfacedetection declares facedetect_cnn and the layout of its answers.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import ConfigError
from edge.features.picture import as_bgr, detection, shrink, too_small
from edge.samples import Detection, Image

SCORE_THRESHOLD = 0.7
DETECT_PX = 320
SYMBOLS = ("_Z14facedetect_cnnPhS_iii", "facedetect_cnn")
"""int *facedetect_cnn(unsigned char *answers, unsigned char *bgr, int width, int height, int step), as C++ and as C."""
BUFFER_BYTES = 0x20000
"""The library of 2023 asks for 0x9000, older ones for this."""
MAX_FACES = 1024
FACE_SHORTS = 16
"""Per face: score in percent, x, y, width, height, five landmarks x, y, and one that is not used."""

FaceDetectCnn = Callable[[int, int, int, int, int], int | None]


def yuface_function() -> FaceDetectCnn | None:
    """The package's facedetect_cnn, or None where it is not installed, does not load or has no such function."""
    spec = find_spec("yuface")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(folder).glob("libfacedetection.so*")):
            try:
                library = ctypes.CDLL(str(path))
            except OSError:
                continue
            for symbol in SYMBOLS:
                if hasattr(library, symbol):
                    function = getattr(library, symbol)
                    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int]
                    function.restype = ctypes.c_void_p
                    return function  # type: ignore[no-any-return]  # ctypes gives Any
    return None


class YufaceDetector:
    """Faces with five landmarks by libfacedetection. Raises ConfigError where yuface's library cannot be had.

    One thread at a time: the answers of every call come in the same buffer, and the call lets other threads run.
    """

    name = "yuface"

    def __init__(self, *, detect_px: int = DETECT_PX, threshold: float = SCORE_THRESHOLD) -> None:
        function = yuface_function()
        if function is None:
            raise ConfigError(
                "Face detector 'yuface' is not installed: run `pip install yuface` (x86-64, Python 3.11 or older) "
                "or choose 'yunet' with a model file."
            )
        self._function = function
        self._buffer = np.zeros(BUFFER_BYTES, np.uint8)
        self.detect_px = detect_px
        self._threshold = threshold

    def detect(self, image_bgr: Image) -> list[Detection]:
        """All faces, in pixels of `image_bgr`; coordinates come in whole pixels of the shrunk picture."""
        if too_small(image_bgr):
            return []
        small, factor = shrink(as_bgr(image_bgr), self.detect_px)
        if too_small(small):
            return []
        return [
            detection(face[1:5].astype(np.float32), face[5:15].astype(np.float32), int(face[0]) / 100.0, factor)
            for face in self._faces(small)
            if face[0] > self._threshold * 100
        ]

    def _faces(self, bgr: Image) -> NDArray[np.int16]:
        """(n, FACE_SHORTS) of the contiguous picture `bgr` (h, w, 3); valid until the next call."""
        height, width = bgr.shape[:2]
        self._function(self._buffer.ctypes.data, bgr.ctypes.data, width, height, bgr.strides[0])
        count = int(self._buffer[:4].view(np.int32)[0])
        if not 0 <= count <= MAX_FACES:
            raise ConfigError(
                f"Face detector 'yuface' answered {count} faces where at most {MAX_FACES} are possible: its version is "
                "not one that is known; run `pip install yuface==2023.5.1` or choose another `video.detector`."
            )
        return self._buffer[4 : 4 + count * FACE_SHORTS * 2].view(np.int16).reshape(count, FACE_SHORTS)
