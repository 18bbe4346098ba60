"""The switch: from one moment to the next the new release is in force, and it goes back where it does not come up."""

from __future__ import annotations

import dataclasses

from deploy.files import UNITS
from deploy.host import CommandError
from deploy.releases import HOME, Releases
from deploy.site import Site
from deploy.step import DeployError, NotUpgradedError
from deploy.steps.release import wanted_release
from deploy.steps.units import UnitsStep
from deploy.systemctl import active_state, last_words

_UNDER_WAY = HOME / "switch-from"
"""Names the release before, from the switch until the new one has come up: what was cut in between goes on there."""
_NOBODY = "-"
_RESTART_S, _ASK_S = 300, 30


class SwitchStep:
    """Switches, restarts what runs, keeps the release before and deletes older ones."""

    name = "switch"

    def plan(self, site: Site) -> list[str]:
        """Which release would come into force, and which would go."""
        releases, new = Releases(site.host), wanted_release(site)
        old = _before(site)
        if old is None:
            return []
        lines = [f"put {new} in force" + (f" instead of {old}, which is kept" if old != _NOBODY else "")]
        return lines + [f"delete the release {name}" for name in releases.names if name not in (new, old)]

    def run(self, site: Site) -> None:
        """Switch. Raises DeployError where the service does not come up with it: the old one is in force again then."""
        releases, new = Releases(site.host), wanted_release(site)
        old = _before(site)
        if old is None:
            return
        if not releases.is_whole(new):
            raise DeployError(f"The release {new} is not whole and cannot be in force: run the same command again.")
        mark = site.host.path(_UNDER_WAY)
        mark.write_text(f"{old}\n")
        site.progress(0.0, f"{new} comes into force")
        releases.put_in_force(new)
        running = _running(site)
        try:
            _restart(site, running)
        except CommandError as error:
            _go_back(site, running, new, old, str(error))
        for name in releases.names:
            if name not in (new, old):
                releases.drop(name, site.receipt)
        mark.unlink()

    def undo(self, site: Site) -> list[str]:
        """Take the link away."""
        Releases(site.host).put_in_force(None)
        site.host.path(_UNDER_WAY).unlink(missing_ok=True)
        return []


def _before(site: Site) -> str | None:
    """The release to go back to, `-` where there is none; None where nothing is to be switched."""
    mark = site.host.path(_UNDER_WAY)
    if mark.exists():
        return mark.read_text().strip() or _NOBODY
    in_force = Releases(site.host).in_force
    return None if in_force == wanted_release(site) else in_force or _NOBODY


def _restart(site: Site, units: list[str]) -> None:
    """Restart them, and wait until they are ready. Raises CommandError with the journal's last words."""
    for unit in units:
        site.progress(0.3, f"restarting {unit}")
        try:
            site.host.run("systemctl", "restart", unit, timeout_s=_RESTART_S)
        except CommandError as error:
            told = last_words(site.host, unit)
            raise CommandError(f"{unit}: {told}" if told else str(error)) from error


def _running(site: Site) -> list[str]:
    """Those of the units that run, or are to run by the will of systemd."""
    if not site.host.live:
        return []
    return [unit for unit in UNITS if active_state(site.host, unit) not in ("inactive", "failed")]


def _go_back(site: Site, running: list[str], new: str, old: str, why: str) -> None:
    """Raises DeployError, with the release `old` and its units in force again, and with what ran before."""
    releases = Releases(site.host)
    releases.put_in_force(old)
    before = dataclasses.replace(site, source=None, wishes=dataclasses.replace(site.wishes, source=None))
    UnitsStep().run(before)
    for unit in UNITS:
        site.host.run("systemctl", "reset-failed", unit, timeout_s=_ASK_S, may_fail=True)
    try:
        _restart(site, running)
    except CommandError as error:
        raise DeployError(f"Neither {new} nor {old} comes up: {error} (of {new}: {why})") from error
    if new != old:
        releases.drop(new, site.receipt)
    site.host.path(_UNDER_WAY).unlink()
    raise NotUpgradedError(
        f"The service does not come up with {new}, so {old} is in force again and runs. Its words: {why}"
    )
