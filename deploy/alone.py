"""One command at a time changes a machine."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.host import Host
from deploy.step import DeployError


@contextmanager
def alone(host: Host) -> Iterator[None]:
    """Raises DeployError while another one works on the same root. The lock is on the folder: no file is left."""
    descriptor = os.open(host.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DeployError(f"Another edge-deploy is at work on {host.root}: wait until it has ended.") from error
        yield
    finally:
        os.close(descriptor)
