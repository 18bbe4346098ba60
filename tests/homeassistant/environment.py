"""An environment with Home Assistant in it, apart from the project's own: made once, in the user's cache folder."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.homeassistant.debian_python import UnavailableError, last_line, unpack_python

VARIABLE = "HOME_ASSISTANT_PYTHON"
# The newest Home Assistant for each Python that it may run on.
RELEASES = (((3, 14, 2), "2026.11.0"), ((3, 13, 2), "2026.2.3"))
_INSTALL_S = 240


def home_assistant_python() -> Path:
    """A Python that can import `homeassistant`. Raises UnavailableError."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edge-emotion-tests"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the tests run in two processes
        python, release = _find_python(cache)
        return _environment(cache / f"homeassistant-{release}", python, release)


def _find_python(cache: Path) -> tuple[Path, str]:
    for candidate in _candidates(cache):
        release = _release_for(candidate)
        if release is not None:
            return candidate, release
    lowest = ".".join(map(str, RELEASES[-1][0]))
    raise UnavailableError(f"Home Assistant needs Python {lowest} or newer: name one in {VARIABLE}")


def _candidates(cache: Path) -> Iterator[Path]:
    """In the order of preference; Debian's is only fetched when nothing better is there."""
    named = os.environ.get(VARIABLE)
    if named:
        yield Path(named)
        return
    if found := shutil.which("python3.14"):
        yield Path(found)
    try:
        yield unpack_python(cache / "python3.14")
    except UnavailableError:
        found = shutil.which("python3.13")
        if found is None:
            raise
        yield Path(found)


def _release_for(python: Path) -> str | None:
    """The newest Home Assistant that this Python may run; None when it is too old, or does not run at all."""
    ask = "import json, sys; print(json.dumps(sys.version_info[:3]))"
    try:
        answer = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = tuple(json.loads(answer))
    return next((release for least, release in RELEASES if version >= least), None)


def _environment(folder: Path, python: Path, release: str) -> Path:
    inside = folder / "bin" / "python"
    if (folder / "ready").exists():
        return inside
    shutil.rmtree(folder, ignore_errors=True)
    try:
        _run([str(python), "-m", "venv", "--without-pip", str(folder)])
        _install(folder, [f"homeassistant=={release}"])
        _install(folder, _requirements(folder))
    except (OSError, subprocess.SubprocessError) as error:
        raise UnavailableError(f"Home Assistant {release} cannot be installed ({last_line(error)})") from error
    (folder / "ready").touch()
    return inside


def _install(folder: Path, packages: list[str]) -> None:
    """By uv, which needs seconds where pip needs minutes for so many packages."""
    tool = folder / "uv"
    if not tool.exists():
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tool), "uv"])
    into = ["--python", str(folder / "bin" / "python"), "--no-cache", "--native-tls", "--quiet"]
    _run([str(tool / "bin" / "uv"), "pip", "install", *into, *packages])


def _requirements(folder: Path) -> list[str]:
    """What the MQTT integration and what it imports would install at their first start."""
    components = next(folder.glob("lib/python3*/site-packages/homeassistant/components"))
    manifests = [json.loads((components / name / "manifest.json").read_text()) for name in ("mqtt", "hassio")]
    return [requirement for manifest in manifests for requirement in manifest["requirements"]]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_S)
