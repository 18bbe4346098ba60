"""Packages that are installed into an image, or where no systemd runs, start no daemons."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from deploy.host import Host

_POLICY = "/usr/sbin/policy-rc.d"
_TEXT = "#!/bin/sh\n# edge-deploy: nothing is started while packages are installed here.\nexit 101\n"


@contextlib.contextmanager
def no_daemons(host: Host) -> Iterator[None]:
    """While it lasts, Debian's maintainer scripts are told to start nothing.

    A policy of the machine's own is left alone. Where systemd runs, daemons start as they always do.
    """
    policy = host.path(_POLICY)
    if host.live or (policy.exists() and policy.read_text() != _TEXT):
        yield
        return
    policy.parent.mkdir(parents=True, exist_ok=True)
    policy.write_text(_TEXT)
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)
