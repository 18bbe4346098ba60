"""What goes into the guest's disk, and the key under which a disk made of it is kept."""

from __future__ import annotations

import configparser
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

RELEASE = "bookworm"
"""Debian 12, whose stock kernel has vivid, snd-aloop and 9p as modules."""
PACKAGES = (
    "linux-image-amd64",
    "initramfs-tools",
    "systemd-sysv",
    "udev",
    "kmod",
    "dbus",
    "alsa-utils",
    "v4l-utils",
    "mosquitto",
    "ca-certificates",
    "python3",
)
"""The machine itself; what the project needs on it is for deploy/setup.sh to know, as on anybody's."""
SET_UP = ("deploy/setup.sh", "pyproject.toml", "setup.cfg", "constraints.txt", "README.md", "edge/__init__.py")
"""All that deploy/setup.sh reads: the code itself is brought along anew each time."""
KEY = r"[0-9a-f]{12}"
FURNISH = Path(__file__).with_name("furnish.sh")

_SOURCES = ("sources.list", "sources.list.d/debian.sources")
_LINE = re.compile(rf"deb (\[[^]]*] )?\S+ {RELEASE}\S* (.* )?main\b.*")


def key(repository: Path) -> str:
    """Twelve hexadecimal digits that change with everything a disk is made of, but the packages' own versions."""
    wanted = configparser.ConfigParser()
    wanted.read(repository / "setup.cfg", encoding="utf-8")
    # Of setup.cfg only what pip reads: its lint sections change often.
    told = [RELEASE, *PACKAGES, FURNISH.read_text(encoding="utf-8")]
    told += [f"{name}={text}" for part in ("options", "options.extras_require") for name, text in wanted.items(part)]
    told += [(repository / name).read_text(encoding="utf-8") for name in ("deploy/setup.sh", "constraints.txt")]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:12]


def mirrors(apt: Path = Path("/etc/apt")) -> list[str]:
    """Where this machine gets its own Debian from, as mmdebstrap takes it; empty where it has another release."""
    found: list[str] = []
    for path in (apt / name for name in _SOURCES):
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        if path.suffix == ".sources":
            found += [str(path)] if f"Suites: {RELEASE}" in text else []
        else:
            found += list(_debian_lines(text))
    return found


def _debian_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if _LINE.fullmatch(line.strip()):
            yield line.strip()
