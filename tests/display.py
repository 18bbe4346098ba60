"""A real X server without a screen, and what can be seen on it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.samples import Image

_CLOSE = """
import ctypes, sys
from ctypes import c_char_p, c_int, c_long, c_ulong, c_void_p

class Message(ctypes.Structure):
    _fields_ = [("type", c_int), ("serial", c_ulong), ("sent", c_int), ("display", c_void_p), ("window", c_ulong),
                ("message_type", c_ulong), ("format", c_int), ("data", c_long * 5), ("pad", c_long * 16)]

x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype = c_void_p
x.XInternAtom.argtypes, x.XInternAtom.restype = [c_void_p, c_char_p, c_int], c_ulong
x.XSendEvent.argtypes = [c_void_p, c_ulong, c_int, c_long, c_void_p]
x.XSync.argtypes = [c_void_p, c_int]
display, window = x.XOpenDisplay(None), int(sys.argv[1])
atom = lambda name: x.XInternAtom(display, name, 0)
message = Message(33, 0, 1, display, window, atom(b"WM_PROTOCOLS"), 32, (c_long * 5)(atom(b"WM_DELETE_WINDOW")))
assert x.XSendEvent(display, window, 0, 0, ctypes.byref(message))
x.XSync(display, 0)
"""


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

    def close(self, window: int) -> None:
        """Ask a window to close, as the button in its title bar does: a WM_DELETE_WINDOW message."""
        program = (sys.executable, "-c", _CLOSE, str(window))
        subprocess.run(program, env=self.environ, check=True, capture_output=True, timeout=20)

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
    command.append("-noreset")  # or it starts anew, and drops who is just connecting, whenever its last client leaves
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
