"""Where the code may end the process: nothing that runs in a thread of the daemon does."""

from __future__ import annotations

import ast

from tests.conftest import REPOSITORY

ENDS = {("sys", "exit"), ("os", "_exit"), ("os", "abort"), ("os", "kill")}
MAY = {
    "edge/__main__.py": "the module's own end",
    "edge/cli/__main__.py": "the module's own end",
    "edge/cli/__init__.py": "main, when nobody reads any more",
    "edge/cli/web.py": "the module's own end",
    "edge/daemon.py": "the main thread, when a driver holds a thread",
    "edge/record/session.py": "the main thread, when a driver holds a thread",
    "edge/calibrate/session.py": "the main thread, when a driver holds a thread",
    "edge/publish/screen/overlay_window.py": "a process of its own",
    "edge/board/cuda_probe.py": "a process of its own",
    "edge/doctor/device_probe.py": "a process of its own",
    "edge/doctor/import_probe.py": "a process of its own",
}


def ends(tree):
    """The calls of a module that end the process."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, (ast.Call, ast.Name)):
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id == "SystemExit":
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and (owner.id, node.func.attr) in ENDS:
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("exit", "quit"):
            yield node.lineno


def test_only_those_end_the_process_that_may():
    found = {}
    for path in sorted((REPOSITORY / "edge").rglob("*.py")):
        lines = list(ends(ast.parse(path.read_text(encoding="utf-8"))))
        if lines:
            found[str(path.relative_to(REPOSITORY))] = lines
    assert set(found) == set(MAY), found


def test_an_end_would_be_seen():
    for line in (
        "import sys\nsys.exit(1)",
        "raise SystemExit",
        "import os\nos._exit(2)",
        "quit()",
        "raise SystemExit(1)",
    ):
        assert list(ends(ast.parse(line))), line
