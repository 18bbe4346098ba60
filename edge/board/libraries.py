"""Versions of NVIDIA's libraries: CUDA, TensorRT, cuDNN."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import metadata

from edge.board.packages import upstream
from edge.board.tree import Tree


def cuda_version(tree: Tree, packages: Mapping[str, str]) -> str | None:
    """The toolkit's version: /usr/local/cuda tells it as JSON since 11, as text before; else the packages."""
    try:
        said = json.loads(tree.text("usr/local/cuda/version.json") or "")["cuda"]["version"]
        if isinstance(said, str) and upstream(said):
            return upstream(said)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    found = re.search(r"CUDA Version (\d+(?:\.\d+)*)", tree.text("usr/local/cuda/version.txt") or "")
    if found:
        return found[1]
    return _newest(packages, "cuda-toolkit-") or _newest(packages, "cuda-cudart-")


def tensorrt_version(packages: Mapping[str, str]) -> str | None:
    """The library's version by its Debian packages; the newest where there are several."""
    return _newest(packages, "libnvinfer") or _newest(packages, "tensorrt") or _newest(packages, "python3-libnvinfer")


def tensorrt_python_version() -> str | None:
    """The version of the module `tensorrt` that this Python would import, by its metadata; None without."""
    for name in ("tensorrt", "tensorrt-cu13", "tensorrt-cu12"):
        try:
            return metadata.version(name)
        except (metadata.PackageNotFoundError, KeyError):
            continue
    return None


def cudnn_version(packages: Mapping[str, str]) -> str | None:
    """cuDNN's version by its Debian packages."""
    return _newest(packages, "libcudnn")


def _newest(packages: Mapping[str, str], prefix: str) -> str | None:
    versions = [found for name, text in packages.items() if name.startswith(prefix) and (found := upstream(text))]
    return max(versions, key=lambda version: [int(part) for part in version.split(".")], default=None)
