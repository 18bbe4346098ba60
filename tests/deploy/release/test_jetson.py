"""On a tree of Jetson files the board's TensorRT and OpenCV are used, beside a numpy they know; pycuda is compiled."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.steps.apt_packages import AptPackagesStep
from deploy.steps.pycuda import PYCUDA, PycudaStep
from deploy.steps.release import ReleaseStep
from tests.conftest import REPOSITORY
from tests.deploy.release.image import Image, empty_image
from tests.deploy.release.jetson import make_jetson, opencv
from tests.deploy.release.tiny import tiny_wheel, wheel

_PYTHON = "/opt/edge-emotion/current/bin/python"
# A source that can be compiled with nothing but CUDA's compiler, and that notes with which.
_BACKEND = """
import os, shutil, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    nvcc = shutil.which("nvcc")
    if nvcc is None or not os.environ.get("CUDA_ROOT"):
        raise RuntimeError("nvcc not found")
    name, info = "pycuda-2025.1-py3-none-any.whl", "pycuda-2025.1.dist-info"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        archive.writestr("pycuda/__init__.py", f"compiled_by = ({nvcc!r}, {os.environ['CUDA_ROOT']!r})\\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: pycuda\\nVersion: 2025.1\\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(f"{info}/RECORD", "")
    return name
"""
_BUILD = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    """The tiny project, and what it asks for."""
    folder = tmp_path_factory.mktemp("wheels")
    for version in ("1.26.4", "2.4.0"):
        wheel(folder, "numpy", version, {"numpy/__init__.py": f'__version__ = "{version}"\n'})
    wheel(folder, "opencv_python", "4.11.0", {"cv2/__init__.py": opencv("4.11.0", gstreamer=False)})
    _sdist(folder)
    tiny_wheel(folder, "1.0", requires=["numpy>=1.26", "opencv-python>=4.10"])
    return folder


@pytest.fixture(scope="module")
def board(wheels) -> Iterator[Image]:
    """A Jetson on which the tiny project was installed."""
    with empty_image() as image:
        make_jetson(image)
        image.provision(_source(wheels))
        yield image


def test_the_boards_opencv_is_used_since_it_has_gstreamer(board):
    seen = board.host.run(_PYTHON, "-c", "import cv2, numpy; print(cv2.__file__, numpy.__version__)", timeout_s=30)
    assert seen == "/usr/lib/python3/dist-packages/cv2/__init__.py 1.26.4"
    facts = board.releases.facts(board.releases.in_force)
    assert facts["opencv"] == "the board's 4.8.0, with GStreamer"
    assert facts["held"] == ["numpy<2"]


def test_the_boards_tensorrt_is_seen(board):
    seen = board.host.run(_PYTHON, "-c", "import tensorrt; print(tensorrt.__file__)", timeout_s=30)
    assert seen == "/usr/lib/python3/dist-packages/tensorrt/__init__.py"


def test_pycuda_is_compiled_by_the_boards_own_compiler(board):
    seen = board.host.run(_PYTHON, "-c", "import pycuda; print(*pycuda.compiled_by)", timeout_s=30)
    assert seen == "/usr/local/cuda/bin/nvcc /usr/local/cuda"
    assert board.warnings == []


def test_nothing_of_the_board_was_touched(board):
    assert {path.parts[:3] for path in board.written()} == {("/", "opt", "edge-emotion")}


def test_the_second_time_there_is_nothing_to_do(board, wheels):
    assert board.plan(_source(wheels)) == []


def test_what_pycuda_lacks_is_a_warning(board, wheels):
    """The last of this file that looks at pycuda: it is compiled anew."""
    (compiled,) = board.path("/opt/edge-emotion/current/lib").glob("python3*/site-packages/pycuda-*.dist-info")
    compiled.rename(compiled.with_suffix(".away"))
    board.path("/usr/local/cuda/bin/nvcc").chmod(0o644)
    PycudaStep().run(board.site(_source(wheels)))
    assert any("nvcc not found" in words and "ONNX Runtime computes" in words for words in board.warnings)
    board.path("/usr/local/cuda-12.6/bin/nvcc").unlink()
    PycudaStep().run(board.site(_source(wheels)))
    assert any("no nvcc in /usr/local/cuda*/bin" in words for words in board.warnings)


def test_an_opencv_that_does_not_work_beside_our_numpy_gives_way_to_pips(image: Image, wheels):
    make_jetson(image, opencv_numpy="1.21")
    ReleaseStep().run(image.site(_source(wheels)))
    (name,) = image.releases.names
    python = str(image.releases.folder(name) / "bin" / "python")
    assert image.host.run(python, "-c", "import cv2; print(cv2.__version__)", timeout_s=30) == "4.11.0"
    assert image.releases.facts(name)["opencv"].startswith("pip's: the board's 4.8.0 does not work")


@pytest.mark.parametrize("tensorrt", [True, False])
def test_apt_brings_tensorrts_module_where_it_is_not_seen(image: Image, wheels, tensorrt):
    make_jetson(image, tensorrt=tensorrt)
    (line,) = AptPackagesStep().plan(image.site(_source(wheels), install_broker=False)) or [""]
    assert ("python3-libnvinfer" in line) is not tensorrt


def test_pycuda_is_what_the_package_asks_for():
    text = (REPOSITORY / "setup.cfg").read_text()
    assert f"\n    {PYCUDA}\n" in text


def _source(folder: Path) -> Path:
    return folder / "edge_emotion-1.0-py3-none-any.whl"


def _sdist(folder: Path) -> None:
    files = {"PKG-INFO": "Metadata-Version: 2.1\nName: pycuda\nVersion: 2025.1\n", "pyproject.toml": _BUILD}
    with tarfile.open(folder / "pycuda-2025.1.tar.gz", "w:gz") as archive:
        for name, text in {**files, "backend.py": _BACKEND}.items():
            entry = tarfile.TarInfo(f"pycuda-2025.1/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
