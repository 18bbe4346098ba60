"""The project on a booted machine, put there as a user would: a checkout, deploy/install.sh, no network."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.boot.machine import Machine, machine
from tests.boot.service import UNIT
from tests.wheels import checkout, wheelhouse_or_skip

SOURCE = "/usr/src/edge-emotion"
CLIP = "/srv/clip.mp4"
WHEELS = "/mnt/wheels"
RELEASES = "/opt/edge-emotion/releases"
DEVICE = "desk"
WISHES = ("--camera", CLIP, "--mic", CLIP, "--device-id", DEVICE)
PROVISION_S = 400.0
_INSIDE = Path(__file__).parent / "inside"


@contextlib.contextmanager
def booted(clip: Path) -> Iterator[Machine]:
    """A booted machine with a checkout, wheels and a clip."""
    with machine(f"--bind-ro={wheelhouse_or_skip()}:{WHEELS}") as made:
        furnish(made, clip)
        made.boot()
        yield made


def furnish(made: Machine, clip: Path) -> None:
    """A checkout to install from, and a clip that the daemon is to begin again when it ends."""
    checkout(made.path(SOURCE))
    shutil.copy(clip, made.path(CLIP))
    made.write(f"/etc/systemd/system/{UNIT}.d/loop.conf", "[Service]\nEnvironment=EDGE_EMOTION_LOOP=true\n")


def install(on: Machine, *words: str) -> subprocess.CompletedProcess[str]:
    """What a user types, in the checkout; with the options that make it a machine without a network."""
    command = ("sh", f"{SOURCE}/deploy/install.sh", "--wheels", WHEELS, *WISHES, *words)
    return on.run(*command, timeout_s=PROVISION_S)


def make_stages_hang_on_demand(on: Machine) -> None:
    """Put the one fake beside the packages of each release; it works from the next start on."""
    for packages in on.path(RELEASES).glob("*/lib/python3*/site-packages"):
        shutil.copy(_INSIDE / "hang_on_demand.py", packages)
        (packages / "hang_on_demand.pth").write_text("import hang_on_demand\n")
