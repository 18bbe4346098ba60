"""A file that a step puts onto the machine."""

from __future__ import annotations

import os

from deploy.site import Site
from deploy.step import DeployError


def place(site: Site, path: str, content: bytes, mode: int) -> None:
    """All of it or nothing, in the receipt. Raises DeployError."""
    target = site.host.path(path)
    part = target.with_name(f".{target.name}.part")
    site.receipt.add_file(path, content)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DeployError(
            f"{path} cannot be written ({error.strerror}): make room there and run this again."
        ) from error


def take_back(site: Site, path: str) -> str | None:
    """Delete it; gives in words why it stays where somebody has changed it since."""
    target = site.host.path(path)
    if target.exists() and not site.receipt.is_untouched(path):
        return f"{path}: it was changed since it was put there"
    target.unlink(missing_ok=True)
    site.receipt.forget_file(path)
    return None
