"""Puts the units of the checkout, and the checkout itself, into a machine by hand."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

from tests.boot.machine import Machine
from tests.conftest import REPOSITORY

UNIT = "edge-emotion.service"
CURRENT = "/opt/edge-emotion/current"
CONFIG = "/etc/edge-emotion/config.toml"
CLIP = "/srv/clip.mp4"
_COMMAND = f"""\
#!{CURRENT}/bin/python3
from edge.cli import main
sys.exit(main())
"""
_CONFIG = f"""\
camera = "{CLIP}"
mic = "{CLIP}"
loop = true
device_id = "desk"
"""


def furnish(machine: Machine, clip: Path) -> None:
    machine.path("/etc/systemd/system/multi-user.target.wants").mkdir(exist_ok=True)
    machine.write(f"/etc/systemd/system/{UNIT}", (REPOSITORY / "systemd" / UNIT).read_text())
    machine.link(f"/etc/systemd/system/multi-user.target.wants/{UNIT}", f"../{UNIT}")
    subprocess.run(["chroot", machine.root, "groupadd", "--system", "--force", "render"], check=True)
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", machine.path(CURRENT)], check=True)
    packages = f"{CURRENT}/lib/python3.11/site-packages"
    machine.write(f"{packages}/checkout.pth", f"{REPOSITORY}\n{sysconfig.get_path('purelib')}\n")
    shutil.copy(Path(__file__).parent / "inside" / "hang_on_demand.py", machine.path(packages))
    machine.write(f"{packages}/hold.pth", "import hang_on_demand\n")
    machine.write(f"{CURRENT}/bin/edge-emotion", _COMMAND, 0o755)
    shutil.copy(clip, machine.path(CLIP))
    machine.write(CONFIG, _CONFIG)
    unit = machine.path(f"/etc/systemd/system/{UNIT}")
    unit.write_text(unit.read_text().replace("SetCredential=mqtt-password:", "#").replace("LoadCredential=", "#"))
