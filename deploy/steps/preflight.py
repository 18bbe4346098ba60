"""What has to be so before anything is changed."""

from __future__ import annotations

import os
import socket

from deploy.files import UNIT_FOLDER, WEB
from deploy.host import CommandError, Host
from deploy.receipt import RECEIPT
from deploy.releases import CURRENT
from deploy.site import Site
from deploy.step import DeployError
from deploy.steps.release import wanted_source
from deploy.steps.units import wanted_units
from deploy.systemctl import active_state
from deploy.wish_faults import check_wishes
from edge.errors import UsageError

_ASK_S = 30
_WEB_PORT = 8088


class PreflightStep:
    """Looks: the folder is a system, we are root, no other installation is in the way. Begins the receipt."""

    name = "preflight"

    def plan(self, site: Site) -> list[str]:
        """That the receipt is begun. Raises EdgeError for what stands in the way of all steps."""
        check_root_folder(site.host)
        check_image_rights(site.host)
        _check_systemd(site.host)
        _check_nobody_else(site.host)
        wanted_source(site)
        check_wishes(site.wishes)
        if site.wishes.wheels is not None and not site.wishes.wheels.is_dir():
            raise UsageError(f"--wheels {site.wishes.wheels} is no folder: name one that holds wheels.")
        _check_web_port(site)
        return [] if site.receipt.is_there else [f"note each change in {RECEIPT}"]

    def run(self, site: Site) -> None:
        """The same, and that we may change things."""
        check_rights()
        self.plan(site)
        site.receipt.finish(False)
        if site.wishes.brought is not None:
            site.receipt.add("brought", site.wishes.brought)

    def undo(self, site: Site) -> list[str]:
        """Name what this very removal runs by."""
        brought = site.receipt.names("brought")
        return [f"{name}, which came from apt (by hand: sudo apt-get autoremove --purge {name})" for name in brought]


def _check_web_port(site: Site) -> None:
    """Raises DeployError where another program has the web process's port; a drop-in may name another port."""
    if not site.host.live or WEB not in wanted_units(site) or site.host.path(f"{UNIT_FOLDER}/{WEB}.d").exists():
        return
    if active_state(site.host, WEB) == "active":
        return
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind(("127.0.0.1", _WEB_PORT))
        except OSError as error:
            raise DeployError(
                f"The web process cannot have port {_WEB_PORT} ({error.strerror}): end the program that "
                f"`sudo ss -ltnp sport = :{_WEB_PORT}` names, leave --web out, or give it another --port in "
                f"{UNIT_FOLDER}/{WEB}.d/."
            ) from error


def check_rights() -> None:
    """Raises DeployError for anybody but root."""
    if os.geteuid() != 0:
        raise DeployError("Installing a service needs root: run the same command with sudo, or look with --dry-run.")


def check_root_folder(host: Host) -> None:
    """Raises DeployError where `--root` is no system."""
    for part in ("/etc", "/usr/bin"):
        if not host.path(part).is_dir():
            raise DeployError(f"--root {host.root} is no system, it has no {part}: name the folder of a whole image.")


def check_image_rights(host: Host) -> None:
    """Raises DeployError for who may not run the programs of an image, even to look."""
    if host.is_image and os.geteuid() != 0:
        raise DeployError(f"Looking into the image {host.root} needs root: run the same command with sudo.")


def _check_systemd(host: Host) -> None:
    if not any(host.path(f"{folder}/systemctl").exists() for folder in ("/usr/bin", "/bin")):
        raise DeployError(
            "There is no systemd here (no systemctl), and the service is one of systemd's: use a system that has it, "
            "or install the package with pip and run edge-emotion by hand."
        )


def _check_nobody_else(host: Host) -> None:
    """Raises DeployError where another kind of installation has the place."""
    _check_no_package(host)
    current = host.path(CURRENT)
    if current.exists() and not current.is_symlink():
        raise DeployError(f"{CURRENT} is there, and edge-deploy has not made it: move it away, and run this again.")


def _check_no_package(host: Host) -> None:
    if not host.path("/usr/bin/dpkg-query").exists():
        return
    try:
        status = host.run("dpkg-query", "-W", "-f", "${db:Status-Status}", "edge-emotion", timeout_s=_ASK_S)
    except CommandError:
        return
    if status.strip() not in ("", "not-installed", "config-files"):
        raise DeployError("edge-emotion is installed as a Debian package here: sudo apt remove edge-emotion first.")
