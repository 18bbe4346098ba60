"""Where the files lie that are put on a machine as they are."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.step import DeployError

_CHECKOUT = Path(__file__).resolve().parents[1] / "systemd"
_INSTALLED = Path("share/edge-emotion/systemd")
UNIT_FOLDER = "/etc/systemd/system"
"""Where an administrator's own units are, on the machine."""
DAEMON, WEB = UNITS = ("edge-emotion.service", "edge-emotion-web.service")


def unit_file(name: str, release: Path | None = None) -> Path:
    """The unit as shipped: by `release`, a virtual environment, where that is there already; else by what runs now.

    Raises DeployError where it is missing.
    """
    places = [_CHECKOUT / name, Path(sys.prefix) / _INSTALLED / name]
    if release is not None:
        places.insert(0, release / _INSTALLED / name)
    for place in places:
        if place.is_file():
            return place
    raise DeployError(f"The unit {name} is missing beside the package: install edge-emotion again.")
