"""The service itself: enabled for the next boot, and started now."""

from __future__ import annotations

import shutil

from deploy.files import UNIT_FOLDER, UNITS
from deploy.folders import make_folder
from deploy.host import CommandError, Host
from deploy.site import Site
from deploy.step import DeployError
from deploy.steps.configuration import new_password
from deploy.steps.units import wanted_units
from deploy.systemctl import active_state, last_words

STATES = ("/var/lib/edge-emotion", "/var/lib/private/edge-emotion")
CACHES = ("/var/cache/edge-emotion", "/var/cache/private/edge-emotion")
_ASK_S, _START_S, _STOP_S = 30, 300, 60
_WANTS = f"{UNIT_FOLDER}/multi-user.target.wants"


class ServiceStep:
    """Waits until the service has said that it is ready: with its first result. One that was disabled stays so."""

    name = "service"

    def plan(self, site: Site) -> list[str]:
        """What would be enabled, started or restarted; warns of what the user has disabled."""
        lines = [f"enable {unit} (a link in {_WANTS})" for unit in _to_enable(site)]
        return lines + [f"{verb} {unit}" for unit, verb in _to_start(site).items()]

    def run(self, site: Site) -> None:
        """Enable and start. Raises DeployError with the journal's last words when it does not come up."""
        for unit in _to_enable(site):
            make_folder(site, _WANTS)
            site.host.run(*_systemctl(site), "enable", "--quiet", unit, timeout_s=_ASK_S)
        for unit in wanted_units(site):
            # Afterwards: one that is noted and not enabled was disabled by the user. A cut in between is made good.
            if is_enabled(site.host, unit):
                site.receipt.add("units", unit)
        for unit, verb in _to_start(site).items():
            _start(site, unit, verb)
        for unit in site.receipt.names("restarts"):
            site.receipt.forget("restarts", unit)

    def undo(self, site: Site) -> list[str]:
        """Stop and disable; the state stays without --purge, what can be made again does not."""
        for unit in UNITS:
            if unit in site.receipt.names("units") or f"{UNIT_FOLDER}/{unit}" in site.receipt.files:
                _stop(site, unit)
            site.receipt.forget("restarts", unit)
            site.receipt.forget("units", unit)
        for folder in (*CACHES, *(STATES if site.wishes.purge else ())):
            _delete(site, folder)
        if site.wishes.purge or not site.host.path(STATES[0]).exists():
            return []
        return [f"the state, {STATES[0]}: privacy switch and engines (by hand: sudo rm -r {' '.join(STATES)})"]


def is_enabled(host: Host, unit: str) -> bool:
    """Whether it starts with the machine."""
    return host.path(f"{_WANTS}/{unit}").is_symlink()


def _to_enable(site: Site) -> list[str]:
    disabled = _disabled(site)
    for unit in disabled:
        site.warn(f"{unit} was disabled by hand and stays so: sudo systemctl enable --now {unit}")
    return [unit for unit in wanted_units(site) if not is_enabled(site.host, unit) and unit not in disabled]


def _disabled(site: Site) -> list[str]:
    return [
        unit for unit in wanted_units(site) if unit in site.receipt.names("units") and not is_enabled(site.host, unit)
    ]


def _to_start(site: Site) -> dict[str, str]:
    """Unit to `start` or `restart`."""
    if not (site.host.live and site.wishes.start):
        return {}
    states = {unit: active_state(site.host, unit) for unit in wanted_units(site) if unit not in _disabled(site)}
    verbs = {unit: "start" for unit, state in states.items() if state != "active"}
    again = site.receipt.names("restarts")
    if new_password(site) is not None:
        again += site.receipt.names("units")
    return verbs | {unit: "restart" for unit, state in states.items() if state == "active" and unit in again}


def _systemctl(site: Site) -> list[str]:
    return ["systemctl"] if site.host.live else ["systemctl", "--root=/"]


def _start(site: Site, unit: str, verb: str) -> None:
    site.progress(0.2, f"{verb}ing {unit}: it is ready with its first result")
    try:
        site.host.run("systemctl", verb, unit, timeout_s=_START_S)
    except CommandError as error:
        told = (last_words(site.host, unit) or str(error)).rstrip(".")
        raise DeployError(f"{unit} does not {verb}: {told}; mend that and run the same command again.") from error


def _stop(site: Site, unit: str) -> None:
    now = ["--now"] if site.host.live else []
    try:
        site.host.run(*_systemctl(site), "disable", "--quiet", *now, unit, timeout_s=_STOP_S)
    except CommandError:
        if is_enabled(site.host, unit):
            raise
    if site.host.live:
        site.host.run("systemctl", "reset-failed", "--quiet", unit, timeout_s=_ASK_S, may_fail=True)


def _delete(site: Site, folder: str) -> None:
    path = site.host.path(folder)
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
