"""NVIDIA's real Python bindings, without a GPU: pinned wheels in the user's cache folder, over libraries of nothing.

The bindings need nine C entry points of three libraries. gcc makes libraries that have them and do nothing: the module
imports, with all classes, enumerations and signatures; nothing can be made of them.
"""

from __future__ import annotations

import fcntl
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

WHEELS = {
    "10.3.0": "tensorrt-cu12-bindings",
    "10.13.3.9": "tensorrt-cu12-bindings",
    "10.16.1.11": "tensorrt-cu13-bindings",
    "11.0.0.114": "tensorrt-cu13-bindings",
    "11.4.0.106": "tensorrt-cu13-bindings",
}
_ENTRY = re.compile(r" U (create\w+_INTERNAL|get\w*(?:PluginRegistry|ParserVersion)|initLibNvInferPlugins)\n")
_LIBRARY = re.compile(r"\[(libnv(?:infer|onnxparser)\w*\.so\.\d+)\]")
_DOWNLOAD_S, _TOOL_S = 120, 60
REPOSITORY = Path(__file__).parents[2]


class NotHereError(Exception):
    """The bindings cannot be had on this machine: one line."""


def cache_folder() -> Path:
    """Where what is fetched once is kept."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(cache) / "edge-emotion-tests" / "tensorrt"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def bindings_or_skip(version: str) -> Path:
    """The folder that `import tensorrt_bindings` of `version` works in; the test is skipped where it cannot be had."""
    found = _bindings(version)
    if isinstance(found, str):
        pytest.skip(found)
    return found


@functools.cache
def _bindings(version: str) -> Path | str:
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    folder = cache_folder() / f"{version}-{tag}"
    with (cache_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if not (folder / "complete").exists():
                _fetch(version, folder)
        except NotHereError as error:
            return f"no bindings of TensorRT {version}: {error}"
    return folder


def _fetch(version: str, folder: Path) -> None:
    for tool in ("gcc", "nm", "readelf"):
        if shutil.which(tool) is None:
            raise NotHereError(f"{tool} is not installed")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    _run([*pip, "--dest", folder, f"{WHEELS[version]}=={version}"], _DOWNLOAD_S)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    wheel.unlink()
    (module,) = (folder / "tensorrt_bindings").glob("tensorrt*.so")
    source = folder / "nothing.c"
    symbols = _ENTRY.findall(_run(["nm", "-D", "--undefined-only", module], _TOOL_S))
    source.write_text("".join(f"void *{symbol}(void) {{ return 0; }}\n" for symbol in symbols))
    for library in _LIBRARY.findall(_run(["readelf", "-d", module], _TOOL_S)):
        _run(["gcc", "-shared", "-fPIC", f"-Wl,-soname,{library}", "-o", folder / library, source], _TOOL_S)
    (folder / "complete").touch()


def _run(command: list[Any], timeout_s: float) -> str:
    try:
        done = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotHereError(f"{command[0]} took too long") from error
    if done.returncode:
        raise NotHereError((done.stderr.strip() or done.stdout.strip()).split("\n")[-1])
    return done.stdout


def read_in(version: str, files: Iterable[Path], *, names: Iterable[str] = ()) -> dict[str, Any]:
    """What `CalledNames` finds in `files` against the bindings of `version` ("rtx": the installed tensorrt_rtx).

    In a process of its own. `missing`: those of the dotted `names` that the bindings lack.
    """
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    if version != "rtx":
        folder = bindings_or_skip(version)
        environment |= {"LD_LIBRARY_PATH": str(folder), "PYTHONPATH": f"{REPOSITORY}:{folder}"}
    asked = {
        "module": "tensorrt_rtx" if version == "rtx" else "tensorrt_bindings",
        "files": [str(path) for path in files],
        "names": list(names),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.gpu.read_names"],
        input=json.dumps(asked),
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=_TOOL_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
