"""One version's bindings against our code, for `bindings.read_in`: JSON in, JSON out."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from tests.gpu.called_names import CalledNames
from tests.gpu.surface import BindingSurface, Entity


def main() -> None:
    """Read from standard input what is asked, write to standard output what is found."""
    asked = json.load(sys.stdin)
    module = importlib.import_module(asked["module"])
    modules = {"trt", "rtx"} if asked["module"] == "tensorrt_rtx" else {"trt"}
    report = CalledNames(BindingSurface(module), modules, [Path(path) for path in asked["files"]]).read()
    answer = {
        "version": module.__version__,
        "names": sorted(report.names),
        "problems": sorted(report.problems),
        "missing": [name for name in asked["names"] if not _has(module, name)],
    }
    json.dump(answer, sys.stdout)


def _has(module: Any, dotted: str) -> bool:
    """Whether there is `dotted`, such as Class.name, or Class.name(first,second) with arguments of these names."""
    dotted, _, arguments = dotted.partition("(")
    surface = BindingSurface(module)
    entity = surface.root
    for part in dotted.split("."):
        found = surface.member(entity, part)
        if found is None:
            return False
        entity = next((one for one in found if isinstance(one, Entity)), entity)
    names = set(arguments.rstrip(")").split(",")) - {""}
    return not names or surface.call(entity, 0, names)[1]


if __name__ == "__main__":
    main()
