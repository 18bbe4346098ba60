"""What has to be so before anything is changed."""

from __future__ import annotations

import os

from deploy.host import CommandError, Host
from deploy.receipt import RECEIPT
from deploy.site import Site
from deploy.step import DeployError
from deploy.steps.release import wanted_source
from edge.errors import UsageError

_ASK_S = 30


class PreflightStep:
    """Looks, and changes nothing: the folder is a system, we are root, and no other installation is in the way."""

    name = "preflight"

    def plan(self, site: Site) -> list[str]:
        """Nothing is changed here. Raises EdgeError for what stands in the way of all steps."""
        check_root_folder(site.host)
        _check_no_package(site.host)
        wanted_source(site)
        if site.wishes.wheels is not None and not site.wishes.wheels.is_dir():
            raise UsageError(f"--wheels {site.wishes.wheels} is no folder: name one that holds wheels.")
        return []

    def run(self, site: Site) -> None:
        """The same, and that we may change things."""
        check_rights()
        self.plan(site)
        site.receipt.finish(False)

    def undo(self, site: Site) -> list[str]:
        """The receipt goes last."""
        site.host.path(RECEIPT).unlink(missing_ok=True)
        return []


def check_rights() -> None:
    """Raises DeployError for anybody but root."""
    if os.geteuid() != 0:
        raise DeployError("Installing a service needs root: run the same command with sudo, or look with --dry-run.")


def check_root_folder(host: Host) -> None:
    """Raises DeployError where `--root` is no system."""
    for part in ("/etc", "/usr/bin"):
        if not host.path(part).is_dir():
            raise DeployError(f"--root {host.root} is no system, it has no {part}: name the folder of a whole image.")


def _check_no_package(host: Host) -> None:
    if not host.path("/usr/bin/dpkg-query").exists():
        return
    try:
        status = host.run("dpkg-query", "-W", "-f", "${db:Status-Status}", "edge-emotion", timeout_s=_ASK_S)
    except CommandError:
        return
    if status.strip() not in ("", "not-installed", "config-files"):
        raise DeployError("edge-emotion is installed as a Debian package here: sudo apt remove edge-emotion first.")
