"""A real X server without a screen, and what can be seen on it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.samples import Image


@dataclass(frozen=True)
class Display:
    name: str

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a program that shall show itself here."""
        kept = {key: value for key, value in os.environ.items() if key not in {"WAYLAND_DISPLAY", "XAUTHORITY"}}
        return {**kept, "DISPLAY": self.name}

    def screenshot(self) -> Image:
        """The whole screen, BGR."""
        command = ["import", "-silent", "-window", "root", "png:-"]
        png = subprocess.run(command, env=self.environ, check=True, capture_output=True, timeout=20).stdout
        return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR))

    def window(self, title: str) -> tuple[int, int, int, int, int] | None:
        """Id, x, y, width and height of the window with this title, None when there is none."""
        found = self._xdotool("search", "--onlyvisible", "--name", f"^{title}$").split()
        if not found:
            return None
        shape = dict(line.split("=") for line in self._xdotool("getwindowgeometry", "--shell", found[-1]).split())
        if "WIDTH" not in shape:
            return None
        return int(found[-1]), int(shape["X"]), int(shape["Y"]), int(shape["WIDTH"]), int(shape["HEIGHT"])

    def press(self, window: int, key: str) -> None:
        """Type one key into a window."""
        self._xdotool("windowfocus", str(window))
        self._xdotool("key", "--window", str(window), key)

    def _xdotool(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env=self.environ, check=False, capture_output=True, text=True, timeout=20
        )
        return done.stdout


@contextlib.contextmanager
def virtual_display(width: int = 1400, height: int = 900) -> Iterator[Display]:
    """Xvfb on a free display number; skips the test where it, xdotool or ImageMagick is not installed."""
    for program in ("Xvfb", "xdotool", "import"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield Display(":" + number.readline().strip())
    finally:
        server.terminate()
        server.wait(10)


def save(image: Image, path: Path) -> None:
    """Keep a screenshot for a person to look at."""
    cv2.imwrite(str(path), image)
