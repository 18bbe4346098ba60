"""The runner on the real pycuda, real CUDA graphs of the C interface, over a driver that works in host memory."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gpu.bindings import REPOSITORY
from tests.gpu.build_pycuda import built_folder

_SOURCE = Path(__file__).parent / "driver.c"
_RUN_S = 60


@pytest.fixture(scope="module")
def driver(tmp_path_factory) -> Path:
    """The folder of a libcuda.so.1 made of driver.c, with an entry point for whatever else pycuda is linked to."""
    modules = list((built_folder() / "pycuda").glob("_driver*.so"))
    if not modules:
        pytest.skip("pycuda is not built: python -m tests.gpu.build_pycuda does it")
    for tool in ("gcc", "nm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    folder = tmp_path_factory.mktemp("driver")
    listed = subprocess.run(["nm", "-D", "--undefined-only", modules[0]], capture_output=True, text=True, check=True)
    ours = set(re.findall(r"^int (cu\w+)\(", _SOURCE.read_text(), re.MULTILINE))
    others = sorted(set(re.findall(r" U (cu[A-Z]\w+)", listed.stdout)) - ours)
    (folder / "others.c").write_text("".join(f"int {name}(void) {{ return 801; }}\n" for name in others))
    command = ["gcc", "-shared", "-fPIC", "-w", "-Wl,-soname,libcuda.so.1", "-o", folder / "libcuda.so.1"]
    subprocess.run([*command, _SOURCE, folder / "others.c"], check=True, timeout=_RUN_S)
    return folder


@pytest.mark.parametrize("memory", ["integrated", "discrete"])
def test_it_says_what_onnx_runtime_says_and_leaves_nothing(driver, memory):
    environment = {
        **os.environ,
        "LD_LIBRARY_PATH": str(driver),
        "PYTHONPATH": f"{REPOSITORY}:{built_folder()}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.gpu.soft_machine", memory],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=_RUN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # pycuda writes there what it could not free
    found = json.loads(done.stdout)
    assert found["gpu"] == ["Host memory", "87", memory == "integrated"]
    assert found["wrong"] == []
    assert found["mistakes"] == []
    assert found["left"] == {}
    assert found["depth"] == 0
    assert found["launched"]["network"] == 2 * 2 * 13
