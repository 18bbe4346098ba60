"""Wheels to provision from without a network: of all that the project asks for, and of the project itself."""

from __future__ import annotations

import configparser
import fcntl
import functools
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SYSTEM_PYTHON = Path("/usr/bin/python3")
# What a wheel of the project is made of; folders that are not there yet are left out.
_PARTS = (
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "constraints.txt",
    "edge",
    "engines",
    "deploy",
    "systemd",
)
_EXTRAS = ("web",)
_BUILD_S, _PACK_S = 1500, 240


class NoWheelsError(Exception):
    """The wheels cannot be had on this machine: one line."""


def wheelhouse_or_skip(*constraints: str) -> Path:
    """A folder for `pip --no-index --find-links` with install_requires, the extra `web` and setuptools for the system's
    Python, held to `constraints` ("numpy<2"). Made once per user; the test is skipped where it cannot be made."""
    found = _wheelhouse(constraints)
    if isinstance(found, str):
        pytest.skip(f"no wheels to provision from: {found}")
    return found


@functools.cache
def _wheelhouse(constraints: tuple[str, ...]) -> Path | str:
    try:
        return wheelhouse(*constraints)
    except NoWheelsError as error:
        return str(error)


def wheelhouse(*constraints: str) -> Path:
    """Like `wheelhouse_or_skip`, but raises NoWheelsError."""
    wanted, held = _requirements(), [*_lines(REPOSITORY / "constraints.txt"), *constraints]
    python = _python()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edge-emotion-tests" / "wheels"
    cache.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256("\n".join([*wanted, *held, _version(python), platform.machine()]).encode()).hexdigest()[:12]
    with (cache / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (cache / key).exists():
            _make(cache / key, python, wanted, held)
    return cache / key


def project_wheel(folder: Path, version: str = "", change: Callable[[Path], None] = lambda tree: None) -> Path:
    """The project's own wheel in `folder`, of another `version` where one is named; `change` may alter the copy."""
    tree = checkout(folder / "tree", version)
    change(tree)
    out = folder / "dist"
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", out, tree]
    done = subprocess.run(build, capture_output=True, text=True, timeout=_PACK_S)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(tree)
    (path,) = out.glob("*.whl")
    return path


def checkout(tree: Path, version: str = "") -> Path:
    """A copy of what the project is installed from, of another `version` where one is named."""
    tree.mkdir(parents=True)
    for part in _PARTS:
        source = REPOSITORY / part
        if source.is_dir():
            shutil.copytree(source, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, tree)
    if version:
        file = tree / "edge" / "__init__.py"
        lines = file.read_text().splitlines(keepends=True)
        (place,) = [n for n, line in enumerate(lines) if line.startswith("__version__")]
        lines[place] = f'__version__ = "{version}"\n'
        file.write_text("".join(lines))
    return tree


def _requirements() -> list[str]:
    settings = configparser.ConfigParser()
    settings.read(REPOSITORY / "setup.cfg")
    lists = [settings["options"]["install_requires"], *(settings["options.extras_require"][name] for name in _EXTRAS)]
    lists.append("setuptools>=70.1")
    return [line for words in lists for line in words.splitlines() if line]


def _make(folder: Path, python: Path, wanted: list[str], held: list[str]) -> None:
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    (part / "wanted.txt").write_text("\n".join(wanted) + "\n")
    (part / "held.txt").write_text("\n".join(held) + "\n")
    _run(python, "-m", "venv", part / "venv")
    pip = [part / "venv" / "bin" / "python", "-m", "pip", "wheel", "-q"]
    _run(*pip, "-c", part / "held.txt", "-r", part / "wanted.txt", "-w", part / "wheels")
    shutil.rmtree(part / "venv")
    (part / "wheels").rename(folder)
    shutil.rmtree(part)


def _run(*words: str | Path) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_BUILD_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoWheelsError(str(error)) from error
    if done.returncode:
        raise NoWheelsError((done.stderr.strip() or done.stdout.strip() or str(words[0])).split("\n")[-1])
    return done.stdout


def _python() -> Path:
    """The system's own Python, or this one where it is of the same version: this one has its headers for sure."""
    return Path(sys.executable) if _version(SYSTEM_PYTHON) == _version(Path(sys.executable)) else SYSTEM_PYTHON


def _version(python: Path) -> str:
    return _run(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
