"""Which kind of Python environment this is: one that sees JetPack's modules, or one that does not."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from edge.board.tree import Tree
from edge.doctor.finding import Finding, ok
from edge.doctor.machine import Machine

_FOLDERS = "usr/lib/python3*/dist-packages/tensorrt"
_VERSION = re.compile(r"python(3\.\d+)")
_AGAIN = (
    "Make it again with the system's Python, as edge-deploy provision does: "
    "/usr/bin/python3 -m venv --system-site-packages."
)


class VenvCheck:
    """On a Jetson apt puts TensorRT and an OpenCV with GStreamer where only the system's Python looks."""

    name = "venv"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Compare where JetPack's TensorRT lies with where this Python looks."""
        kind = environment_kind()
        if machine.no_gpu_wanted or not machine.board.is_jetson:
            return ok(kind)
        places = [Path("/") / path for path in Tree(machine.root).glob(_FOLDERS)]
        if not places:
            remedy = "Install it: apt install python3-libnvinfer."
            return Finding(machine.gpu_fault, f"{kind}; JetPack's module tensorrt is not installed", remedy)
        if any(str(machine.root / str(place.parent)[1:]) in sys.path for place in places):
            return ok(f"{kind}; it sees JetPack's module tensorrt")
        made_for, ours = _versions(places), f"{sys.version_info.major}.{sys.version_info.minor}"
        if made_for and ours not in made_for:
            theirs = " and ".join(sorted(made_for))
            found = f"{kind}; JetPack's module tensorrt is for Python {theirs}, not for {ours}"
            return Finding(machine.gpu_fault, found, _AGAIN)
        return Finding(machine.gpu_fault, f"{kind}; it does not see JetPack's module tensorrt", _AGAIN)


def environment_kind(prefix: Path = Path(sys.prefix), base_prefix: Path = Path(sys.base_prefix)) -> str:
    """In words."""
    if prefix == base_prefix:
        return f"no venv, but {prefix}'s own Python"
    said = Tree(prefix).text("pyvenv.cfg") or ""
    sees = re.search(r"^include-system-site-packages\s*=\s*true\s*$", said, re.MULTILINE | re.IGNORECASE)
    return f"a venv {'with' if sees else 'without'} the packages of {base_prefix}'s Python"


def _versions(places: list[Path]) -> set[str]:
    """Of Python, where the folders name them; /usr/lib/python3 is there for all."""
    return {match[1] for place in places if (match := _VERSION.search(str(place)))}
