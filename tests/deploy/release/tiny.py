"""A project of the same name and the same commands as the real one, but of a few lines: installed in two seconds."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

_CLI = """
import json, os, signal, socket, sys, time

def main():
    command = sys.argv[1] if len(sys.argv) > 1 else "run"
    if command == "version":
        print("package      {version}")
    elif sys.argv[1:] == ["config", "example"]:
        print("a library says something", file=sys.stderr)
        print("#camera = '0'")
    elif command == "doctor":
        checks = {checks}
        if checks is None:
            raise SystemExit("ImportError: no doctor")
        failed = any(check["verdict"] == "failed" for check in checks.values())
        print(json.dumps({{"can_run": not failed, "checks": checks}}))
        return int(failed)
    elif command == "run":
        if {crashes}:
            print("there is something wrong with {version}", file=sys.stderr)
            return 78
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.connect(os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))
            manager.send(b"READY=1\\nSTATUS=this is {version}")
            while True:
                manager.send(b"WATCHDOG=1")
                time.sleep(1)
    return 0
"""
_ENGINES = """
import json, os, sys

def main():
    folder = sys.argv[sys.argv.index("--out") + 1]
    print("TensorRT says something")
    print(json.dumps({"graph": "face", "phase": "building", "done": 0.5}), flush=True)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "made.plan"), "w") as plan:
        plan.write(f"by {os.getuid()}")
"""
_METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def tiny_wheel(
    folder: Path,
    version: str,
    failing: Sequence[str] | None = (),
    crashes: bool = False,
    requires: Sequence[str] = (),
) -> Path:
    """A wheel of it. `failing`: what its doctor fails, None for a doctor that breaks; `crashes`: its daemon does."""
    checks = None if failing is None else {name: _check(name in failing) for name in ("python", "camera", "model")}
    code = _CLI.format(version=version, checks=_as_python(checks), crashes=crashes)
    files = {
        "edge/__init__.py": f'__version__ = "{version}"\n',
        "edge/cli.py": code,
        "engines/__init__.py": "",
        "engines/cli.py": _ENGINES,
    }
    commands = "[console_scripts]\nedge-emotion = edge.cli:main\nedge-engines = engines.cli:main\n"
    return wheel(folder, "edge_emotion", version, files, requires, commands, extra="web")


def wheel(
    folder: Path,
    name: str,
    version: str,
    files: dict[str, str],
    requires: Sequence[str] = (),
    commands: str = "",
    extra: str = "",
) -> Path:
    """A pure wheel of `files`."""
    folder.mkdir(parents=True, exist_ok=True)
    needs = "".join(f"Requires-Dist: {line}\n" for line in requires) + (f"Provides-Extra: {extra}\n" if extra else "")
    info = f"{name}-{version}.dist-info"
    whole = {
        **files,
        f"{info}/METADATA": _METADATA.format(name=name.replace("_", "-"), version=version) + needs,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **({f"{info}/entry_points.txt": commands} if commands else {}),
    }
    whole[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*whole, f"{info}/RECORD"])
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in whole.items():
            archive.writestr(zipfile.ZipInfo(inside), text)  # of 1980: the same files give the same wheel
    return path


def _check(failed: bool) -> dict[str, str | None]:
    if failed:
        return {"verdict": "failed", "found": "it is broken", "remedy": "Mend it."}
    return {"verdict": "ok", "found": "fine", "remedy": None}


def _as_python(checks: object) -> str:
    return f"json.loads({json.dumps(json.dumps(checks))})"
