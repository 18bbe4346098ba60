"""Files of a Jetson with JetPack 6.2, laid upon the disk of a test: what NVIDIA puts there, as far as we look at it."""

from __future__ import annotations

import shutil

from tests.boards import cuda_json, write
from tests.deploy.release.image import Image

_DIST_PACKAGES = "usr/lib/python3/dist-packages"
_RELEASE = "# R36 (release), REVISION: 4.4, GCID: 41062509, BOARD: generic, EABI: aarch64\n"
_OPENCV = """
__version__ = "{version}"
numpy_is = {numpy!r}
import numpy
if not numpy.__version__.startswith(numpy_is):
    raise ImportError("numpy.core.multiarray failed to import")
def getBuildInformation():
    return "  Video I/O:\\n    FFMPEG:                      YES\\n    GStreamer:                   {gstreamer}\\n"
"""


def opencv(version: str, gstreamer: bool, numpy: str = "") -> str:
    """A module that looks like OpenCV, and can be imported beside versions of numpy that begin so."""
    built = "YES (1.20.3)" if gstreamer else "NO"
    return _OPENCV.format(version=version, gstreamer=built, numpy=numpy)


def make_jetson(image: Image, tensorrt: bool = True, nvcc: bool = True, opencv_numpy: str = "1.") -> None:
    """L4T's release, TensorRT's and OpenCV's modules for the system's Python, a numpy 1, CUDA's compiler."""
    info = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n"
    files: dict[str, str | bytes] = {
        "etc/nv_tegra_release": _RELEASE,
        f"{_DIST_PACKAGES}/numpy/__init__.py": '__version__ = "1.21.5"\n',
        f"{_DIST_PACKAGES}/numpy-1.21.5.egg-info/PKG-INFO": info.format("numpy", "1.21.5"),
        f"{_DIST_PACKAGES}/cv2/__init__.py": opencv("4.8.0", gstreamer=True, numpy=opencv_numpy),
        "usr/local/cuda-12.6/version.json": cuda_json("12.6.20240814"),
    }
    if tensorrt:
        files[f"{_DIST_PACKAGES}/tensorrt/__init__.py"] = '__version__ = "10.3.0"\n'
        files[f"{_DIST_PACKAGES}/tensorrt-10.3.0.dist-info/METADATA"] = info.format("tensorrt", "10.3.0")
    if nvcc:
        files["usr/local/cuda-12.6/bin/nvcc"] = "#!/bin/sh\necho 'Cuda compilation tools, release 12.6'\n"
    for other in image.path("/usr/local").glob("cuda*"):  # this machine's own
        other.unlink() if other.is_symlink() else shutil.rmtree(other)
    write(image.root, files, {"usr/local/cuda": "cuda-12.6"})
    if nvcc:
        image.path("/usr/local/cuda-12.6/bin/nvcc").chmod(0o755)
    image.is_furnished()
