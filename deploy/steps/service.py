"""The service itself: enabled for the next boot, and started now."""

from __future__ import annotations

import shutil

from deploy.host import CommandError
from deploy.site import Site
from deploy.step import DeployError
from deploy.steps.configuration import STATE
from deploy.steps.units import wanted_units

_ASK_S, _START_S, _STOP_S = 30, 300, 60
_KEPT = (STATE, "/var/lib/private/edge-emotion")
_CACHES = ("/var/cache/edge-emotion", "/var/cache/private/edge-emotion")
_JOURNAL_LINES = "5"


class ServiceStep:
    """Waits until the service has said that it is ready: with its first result."""

    name = "service"

    def plan(self, site: Site) -> list[str]:
        """What would be enabled and started."""
        lines = [f"enable {unit}" for unit in wanted_units(site) if not _is_enabled(site, unit)]
        if site.host.live and site.wishes.start:
            lines += [f"start {unit}" for unit in wanted_units(site) if _state(site, unit) != "active"]
        return lines

    def run(self, site: Site) -> None:
        """Enable and start. Raises DeployError with the journal's last words when it does not come up."""
        for unit in wanted_units(site):
            if not _is_enabled(site, unit):
                site.receipt.add("units", unit)
                site.host.run(*_systemctl(site), "enable", "--quiet", unit, timeout_s=_ASK_S)
            if site.host.live and site.wishes.start:
                _start(site, unit)

    def undo(self, site: Site) -> list[str]:
        """Stop and disable; the state stays without --purge, what can be made again does not."""
        for unit in site.receipt.names("units"):
            now = ["--now"] if site.host.live else []
            try:
                site.host.run(*_systemctl(site), "disable", "--quiet", *now, unit, timeout_s=_STOP_S)
            except CommandError:
                if _is_enabled(site, unit):
                    raise
            if site.host.live:
                site.host.run("systemctl", "reset-failed", "--quiet", unit, timeout_s=_ASK_S, may_fail=True)
            site.receipt.forget("units", unit)
        for folder in (*_CACHES, *(_KEPT if site.wishes.purge else ())):
            _delete(site, folder)
        if site.wishes.purge or not site.host.path(STATE).exists():
            return []
        return [f"the state {STATE}: privacy switch and engines (--purge takes it away)"]


def _systemctl(site: Site) -> list[str]:
    return ["systemctl"] if site.host.live else ["systemctl", "--root=/"]


def _state(site: Site, unit: str) -> str:
    return site.host.run("systemctl", "show", "-P", "ActiveState", unit, timeout_s=_ASK_S).strip()


def _is_enabled(site: Site, unit: str) -> bool:
    return site.host.path(f"/etc/systemd/system/multi-user.target.wants/{unit}").is_symlink()


def _start(site: Site, unit: str) -> None:
    site.progress(0.2, f"starting {unit}: it is ready with its first result")
    try:
        site.host.run("systemctl", "start", unit, timeout_s=_START_S)
    except CommandError as error:
        words = site.host.run(
            "journalctl", "-u", unit, "-n", _JOURNAL_LINES, "-o", "cat", "--no-pager", timeout_s=_ASK_S
        )
        told = " / ".join(line for line in words.splitlines() if line.strip())
        raise DeployError(f"{unit} does not start: {told or error}") from error


def _delete(site: Site, folder: str) -> None:
    path = site.host.path(folder)
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
