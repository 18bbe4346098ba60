"""The folder of wheels that an install without a network takes everything from."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from deploy.pip import CACHE
from deploy.site import Site
from edge.errors import UsageError


def wheels_inside(site: Site) -> Path | None:
    """`--wheels` as seen inside the machine: an image gets a copy, as it cannot see ours. Raises UsageError."""
    wheels = site.wishes.wheels
    if wheels is None:
        return None
    if not wheels.is_dir():
        raise UsageError(f"--wheels {wheels} is no folder: name one that holds wheels.")
    if not site.host.is_image:
        return wheels.absolute()
    copy = site.host.path(CACHE / "wheels")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(wheels, copy, copy_function=_link_or_copy)
    return CACHE / "wheels"


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
