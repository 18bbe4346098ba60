"""Whether modules can be imported, tried by a child process: a broken library may end the process that loads it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.doctor import import_probe

TIMEOUT_S = 90.0
"""For all of them together; a Jetson that reads from a cold card takes half a minute."""


@dataclass(frozen=True)
class ImportFault:
    """`is_deadly`: the import crashed, hung or ended Python; this process had better not try it."""

    reason: str
    is_deadly: bool = False


def import_faults(modules: Sequence[str], timeout_s: float = TIMEOUT_S) -> dict[str, ImportFault]:
    """By module, for those that cannot be imported; what comes after a deadly one is not tried."""
    paths = json.dumps([path or str(Path.cwd()) for path in sys.path])
    command = [sys.executable, "-I", str(Path(import_probe.__file__)), paths, *modules]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return _faults(late.stdout or b"", f"its import takes more than {timeout_s:g} s")
    reason = f"its import crashes (signal {-done.returncode})" if done.returncode < 0 else "its import ends Python"
    return _faults(done.stdout, reason)


def _faults(lines: bytes, reason: str) -> dict[str, ImportFault]:
    """`reason` is the fault of the module that was being tried when the answers ended."""
    faults: dict[str, ImportFault] = {}
    trying = None
    for line in lines.splitlines():
        said = json.loads(line)
        trying = said.get("trying")
        if "error" in said:
            faults[said["module"]] = ImportFault(" ".join(said["error"].split())[:300])
    if trying:
        faults[trying] = ImportFault(reason, is_deadly=True)
    return faults
