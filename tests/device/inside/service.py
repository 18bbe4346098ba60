"""The real service: installed as docs say, asked and ended through systemd."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.device.inside.ear import DEVICE

UNIT = "edge-emotion.service"
HOME = Path("/opt/edge-emotion")
SETTINGS = Path("/etc/edge-emotion/config.toml")
CONFIG = f"""\
camera = 0
mic = "hw:CARD=Loopback,DEV=0"
device_id = "{DEVICE}"
[video]
width = 320
height = 180
fps = 10
[audio]
denoise = false
chunk_ms = 100
"""
"""Small pictures, few and large chunks: the guest is a slow machine."""


CAMERAS = r"/dev/video\d+"
SENSORS = rf"{CAMERAS}|/dev/snd/pcmC\d+D\d+c"


def run(*words: str, check: bool = True) -> str:
    """A command's standard output."""
    return subprocess.run(words, check=check, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout


def holders(devices: str = SENSORS) -> set[str]:
    """Every process that has such a device open, with its name and the device's path."""
    found: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        for path in _open_files(process):
            if re.fullmatch(devices, path):
                name = (process / "comm").read_text("utf-8").strip() if process.is_dir() else "gone"
                found.add(f"{name} ({process.name}): {path}")
    return found


def _open_files(process: Path) -> Iterator[str]:
    with contextlib.suppress(OSError):  # it has ended meanwhile
        for link in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                yield str(link.readlink()).removesuffix(" (deleted)")  # so it says of a node that was pulled


class Service:
    """edge-emotion.service."""

    def install(self) -> None:
        """The unit as it is, where it expects the package, and a configuration."""
        current = HOME / "current"
        if not current.is_symlink():
            current.symlink_to(".venv")
        SETTINGS.parent.mkdir(exist_ok=True)
        SETTINGS.write_text(CONFIG, encoding="utf-8")
        shutil.copy2(HOME / "systemd" / UNIT, "/etc/systemd/system")
        run("systemctl", "daemon-reload")
        run("systemctl", "enable", "-q", UNIT)

    def start(self) -> None:
        run("systemctl", "reset-failed", UNIT, check=False)
        run("systemctl", "start", "--no-block", UNIT)

    def restart(self) -> None:
        run("systemctl", "restart", "--no-block", UNIT)

    def shows(self, name: str) -> str:
        """One property, as `systemctl show` has it."""
        return run("systemctl", "show", "-P", name, UNIT).strip()

    @property
    def pid(self) -> int:
        """0 while there is none."""
        return int(self.shows("MainPID") or 0)

    @property
    def restarts(self) -> int:
        return int(self.shows("NRestarts") or 0)

    @property
    def active(self) -> bool:
        """Started, and it has said that it is ready."""
        return self.shows("ActiveState") == "active"

    def kill(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def open_files(self) -> list[str]:
        """The paths that it has open."""
        return sorted(_open_files(Path(f"/proc/{self.pid}")))

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    def journal(self, cursor: str | None = None) -> list[str]:
        """What the service and systemd said about it since `cursor`, or ever."""
        words = ["journalctl", "-q", "-u", UNIT, "-o", "cat", "--no-pager"]
        return run(*words, *([f"--after-cursor={cursor}"] if cursor else [])).splitlines()

    def cursor(self) -> str:
        """The place in the journal where it ends now."""
        last = run("journalctl", "-q", "-n", "1", "--show-cursor", "-o", "cat", "--no-pager").splitlines()[-1]
        return last.removeprefix("-- cursor: ")
