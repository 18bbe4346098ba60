"""Which kind of Python environment this is: one that sees JetPack's modules, or one that does not."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from edge.board.tree import Tree
from edge.doctor.finding import Finding, not_applicable, ok
from edge.doctor.machine import Machine

_PLACE = re.compile(r"usr/lib/python(3(?:\.\d+)?)/dist-packages/tensorrt")
_AGAIN = (
    "Make it again with the system's Python: /usr/bin/python3 -m venv --system-site-packages; "
    "edge-deploy provision does so."
)


class VenvCheck:
    """On a Jetson apt puts TensorRT and an OpenCV with GStreamer where only the system's Python looks."""

    name = "venv"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Compare where those modules lie with where this Python looks."""
        kind = environment_kind()
        if machine.no_gpu_wanted or not machine.board.is_jetson:
            return ok(kind) if not machine.board.is_jetson else not_applicable(f"{kind}; {machine.no_gpu_wanted}")
        made_for = _tensorrt_for(Tree(machine.root))
        if not made_for:
            remedy = "Install it: apt install python3-libnvinfer."
            return Finding(machine.gpu_fault, f"{kind}; JetPack's module tensorrt is not installed", remedy)
        ours = f"{sys.version_info.major}.{sys.version_info.minor}"
        if not made_for & {ours, "3"}:
            found = f"{kind}; JetPack's module tensorrt is made for Python {', '.join(sorted(made_for))}, not {ours}"
            return Finding(machine.gpu_fault, found, _AGAIN)
        if not sees_system_packages():
            return Finding(machine.gpu_fault, f"{kind}, which does not see JetPack's module tensorrt", _AGAIN)
        return ok(f"{kind}, which sees JetPack's module tensorrt")


def environment_kind(prefix: str = sys.prefix, base_prefix: str = sys.base_prefix) -> str:
    """In words."""
    if prefix == base_prefix:
        return f"no venv: {prefix}'s own Python"
    return f"a venv {'with' if sees_system_packages(Path(prefix)) else 'without'} the system's packages ({prefix})"


def sees_system_packages(prefix: Path = Path(sys.prefix), base_prefix: Path = Path(sys.base_prefix)) -> bool:
    """Whether the system's packages are seen: always without a venv, else as `pyvenv.cfg` says."""
    if prefix == base_prefix:
        return True
    said = Tree(prefix).text("pyvenv.cfg") or ""
    return re.search(r"^include-system-site-packages\s*=\s*true\s*$", said, re.MULTILINE | re.IGNORECASE) is not None


def _tensorrt_for(tree: Tree) -> set[str]:
    """The versions of Python, like 3.10, that apt's module lies ready for; 3 stands for all."""
    found = (_PLACE.fullmatch(path) for path in tree.glob("usr/lib/python3*/dist-packages/tensorrt"))
    return {match[1] for match in found if match}
