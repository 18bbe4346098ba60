"""What runs the guest's processors: the hardware where it can, else QEMU's own translation, ten times slower."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

Accelerator = Literal["kvm", "tcg"]


def best(kvm: Path = Path("/dev/kvm"), cpuinfo: Path = Path("/proc/cpuinfo")) -> Accelerator:
    """`kvm` where this user may use it and the processor virtualises by itself.

    A /dev/kvm without vmx or svm belongs to a host that shares its own virtualisation in software: a stock kernel does
    not boot there.
    """
    try:
        by_hardware = re.search(r"^flags\s*:.*\b(vmx|svm)\b", cpuinfo.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return "tcg"
    return "kvm" if by_hardware and os.access(kvm, os.R_OK | os.W_OK) else "tcg"
