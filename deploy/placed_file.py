"""A file that a step puts onto the machine."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from deploy.folders import make_folder
from deploy.site import Site
from deploy.unwritable import unwritable


def place(site: Site, path: str, content: bytes, mode: int) -> None:
    """All of it or nothing, in the receipt; what others may not read is a secret there. Raises DeployError."""
    target = site.host.path(path)
    part = _part(target)
    make_folder(site, str(Path(path).parent))
    site.receipt.add_file(path, content if mode & stat.S_IROTH else None)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def take_back(site: Site, path: str) -> str | None:
    """Delete it; gives in words why it stays where somebody has changed it since."""
    target = site.host.path(path)
    if target.exists() and not site.receipt.is_untouched(path):
        return f"{path}: it was changed since it was put there"
    delete(site, path)
    return None


def delete(site: Site, path: str) -> None:
    """With what a write that was killed has left beside it."""
    target = site.host.path(path)
    _part(target).unlink(missing_ok=True)
    target.unlink(missing_ok=True)
    site.receipt.forget_file(path)


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")
