"""NVIDIA's real Python bindings, without a GPU: pinned wheels in the user's cache folder, over libraries of nothing.

The bindings need nine C entry points of three libraries. gcc makes libraries that have them and do nothing: the module
imports, with all classes, enumerations and signatures; nothing can be made of them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from tests.gpu.fetched import download, fetched_or_skip, run

WHEELS = {
    "10.3.0": "tensorrt-cu12-bindings",
    "10.13.3.9": "tensorrt-cu12-bindings",
    "10.16.1.11": "tensorrt-cu13-bindings",
    "11.0.0.114": "tensorrt-cu13-bindings",
    "11.4.0.106": "tensorrt-cu13-bindings",
}
_ENTRY = re.compile(r" U (create\w+_INTERNAL|get\w*(?:PluginRegistry|ParserVersion)|initLibNvInferPlugins)\n")
_LIBRARY = re.compile(r"\[(libnv(?:infer|onnxparser)\w*\.so\.\d+)\]")
_READ_S = 60
REPOSITORY = Path(__file__).parents[2]


def bindings_or_skip(version: str) -> Path:
    """The folder that `import tensorrt_bindings` of `version` works in; the test is skipped where it cannot be had."""
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    return fetched_or_skip(f"bindings-{version}-{tag}", _MAKERS[version])


def _make(version: str, folder: Path) -> None:
    wheel = download(f"{WHEELS[version]}=={version}", folder, "--only-binary", ":all:")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    wheel.unlink()
    (module,) = (folder / "tensorrt_bindings").glob("tensorrt*.so")
    source = folder / "nothing.c"
    symbols = _ENTRY.findall(run(["nm", "-D", "--undefined-only", module]))
    source.write_text("".join(f"void *{symbol}(void) {{ return 0; }}\n" for symbol in symbols))
    for library in _LIBRARY.findall(run(["readelf", "-d", module])):
        run(["gcc", "-shared", "-fPIC", f"-Wl,-soname,{library}", "-o", folder / library, source])


_MAKERS = {version: partial(_make, version) for version in WHEELS}


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
        timeout=_READ_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
