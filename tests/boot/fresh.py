"""A Debian with nothing on it but systemd, as a base for a machine: made by mmdebstrap, needs a network."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import EdgeError
from tests.boot.machine import Machine, machine
from tests.boot.provisioned import furnish
from tests.device.pip_settings import CERTIFICATES, certificates, pip_conf
from tests.device.recipe import RELEASE, mirrors

_PACKAGES = "systemd-sysv,dbus,ca-certificates"
_MAKE_S = 600.0
# Debian's installer writes this file; no package has it.
_HOSTS = "127.0.0.1 localhost\n::1 localhost\n"


def debian(folder: Path) -> Path:
    """Make one in `folder`. Raises EdgeError where it cannot be made."""
    root = folder / "debian"
    words = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={_PACKAGES}", RELEASE, root, *mirrors()]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_MAKE_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EdgeError(
            f"mmdebstrap does not make a Debian here ({error}): apt install mmdebstrap, then again."
        ) from error
    if done.returncode:
        raise EdgeError(f"mmdebstrap makes no Debian here: {done.stderr.strip().splitlines()[-1]}")
    return root


@contextmanager
def fresh_debian(base: Path, clip: Path) -> Iterator[Machine]:
    """One that has booted, with a checkout and a clip, and reaches apt's and pip's index as this machine does."""
    with machine(base=base, network=True) as made:
        furnish(made, clip)
        made.write("/etc/hosts", _HOSTS)
        made.write("/etc/pip.conf", pip_conf())
        shutil.copy(certificates(), made.path(CERTIFICATES))
        made.boot()
        yield made
