"""Packages that tests read and never install: fetched once, by their exact version, into the user's cache folder."""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_DOWNLOAD_S, _TOOL_S = 120, 60


class NotHereError(Exception):
    """Something cannot be had on this machine: one line."""


def fetched_or_skip(name: str, make: Callable[[Path], None]) -> Path:
    """The folder called `name`, filled by `make` when it is not there yet; the test is skipped where `make` cannot."""
    found = _fetched(name, make)
    if isinstance(found, str):
        pytest.skip(f"{name} is not here: {found}")
    return found


@functools.cache
def _fetched(name: str, make: Callable[[Path], None]) -> Path | str:
    try:
        return fetched(name, make)
    except NotHereError as error:
        return str(error)


def fetched(name: str, make: Callable[[Path], None]) -> Path:
    """Like `fetched_or_skip`, but raises NotHereError."""
    cache = cache_folder()
    folder = cache / name
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / "complete").touch()
    return folder


def cache_folder() -> Path:
    """Where all of it is kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edge-emotion-tests" / "tensorrt"
    cache.mkdir(parents=True, exist_ok=True)
    return cache


def download(requirement: str, folder: Path, *options: str) -> Path:
    """The one file of `requirement` ("name==version"), by pip, in `folder`. Raises NotHereError."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    run([*pip, *options, "--dest", folder, requirement], _DOWNLOAD_S)
    (file,) = (path for path in folder.iterdir() if path.is_file())
    return file


def run(command: list[Any], timeout_s: float = _TOOL_S) -> str:
    """What the command writes. Raises NotHereError with its last line where it fails or does not exist."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout_s, check=False)
    except FileNotFoundError as error:
        raise NotHereError(f"{words[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise NotHereError(f"{words[0]} took too long") from error
    if done.returncode:
        raise NotHereError((done.stderr.strip() or done.stdout.strip() or words[0]).split("\n")[-1])
    return done.stdout
