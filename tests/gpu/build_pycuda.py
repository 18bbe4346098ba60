"""Build the real pycuda for tests that need no GPU, into the user's cache folder: once, in about two minutes.

    python -m tests.gpu.build_pycuda

It needs gcc and CUDA's headers (/usr/local/cuda, or CUDA_HOME), no driver: one that has no device is linked.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.gpu.fetched import NotHereError, cache_folder, run
from tests.gpu.pycuda_source import RELEASES, source

RELEASE = RELEASES[-1]
_BUILD_S = 900
_SETTINGS = """
USE_SHIPPED_BOOST = True
CUDA_ROOT = {cuda!r}
CUDA_ENABLE_GL = False
CUDA_ENABLE_CURAND = False
CUDADRV_LIB_DIR = [{library!r}]
CUDADRV_LIBNAME = ["cuda"]
BOOST_INC_DIR = []
BOOST_LIB_DIR = []
BOOST_PYTHON_LIBNAME = []
BOOST_THREAD_LIBNAME = []
CXXFLAGS = ["-O0"]
LDFLAGS = []
"""


def built_folder() -> Path:
    """Where `import pycuda` finds the built one."""
    return cache_folder() / f"pycuda-{RELEASE}-built-cp{sys.version_info.major}{sys.version_info.minor}"


def build() -> Path:
    """Raises NotHereError where something is missing."""
    library = cache_folder() / "no-driver"
    library.mkdir(exist_ok=True)
    (library / "driver.c").write_text("int cuInit(unsigned flags) { return 100; }\n")  # of none at all ld takes no note
    name = "libcuda.so.1"
    run(["gcc", "-shared", f"-Wl,-soname,{name}", "-o", library / "libcuda.so", library / "driver.c"])
    cuda = os.environ.get("CUDA_HOME", "/usr/local/cuda")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-cache-dir", "--upgrade"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "pycuda"
        shutil.copytree(source(RELEASE), folder)
        (folder / "siteconf.py").write_text(_SETTINGS.format(cuda=cuda, library=str(library)))
        run([*pip, "--target", built_folder(), folder], _BUILD_S)
    return built_folder()


if __name__ == "__main__":
    try:
        print(build())
    except NotHereError as error:
        sys.exit(f"pycuda cannot be built here: {error}")
