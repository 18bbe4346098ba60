"""The switch: from one moment to the next the new release is in force, and it goes back where it does not come up."""

from __future__ import annotations

from deploy.host import CommandError
from deploy.releases import HOME, Releases
from deploy.site import Site
from deploy.step import DeployError
from deploy.steps.release import wanted_release

_UNITS = ("edge-emotion.service", "edge-emotion-web.service")
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
        old = releases.in_force
        if new == old:
            return []
        lines = [f"put {new} in force" + (f" instead of {old}, which is kept" if old else "")]
        return lines + [f"delete the release {name}" for name in releases.names if name not in (new, old)]

    def run(self, site: Site) -> None:
        """Switch. Raises DeployError where the service does not come up with it: the old one is in force again then."""
        releases, new = Releases(site.host), wanted_release(site)
        if not releases.is_whole(new):
            raise DeployError(f"The release {new} is not whole and cannot be in force: run the same command again.")
        mark = site.host.path(_UNDER_WAY)
        if not mark.exists():
            if releases.in_force == new:
                return
            mark.write_text(releases.in_force or _NOBODY)
        old = mark.read_text().strip()
        site.progress(0.0, f"{new} comes into force")
        releases.put_in_force(new)
        try:
            self._restart(site)
        except CommandError as error:
            self._back(site, releases, new, old)
            raise DeployError(
                f"The service does not come up with {new}, so {old} is in force again and runs: {error}"
            ) from error
        for name in releases.names:
            if name not in (new, old):
                releases.drop(name)
        mark.unlink()

    def undo(self, site: Site) -> list[str]:
        """Take the link away."""
        Releases(site.host).put_in_force(None)
        site.host.path(_UNDER_WAY).unlink(missing_ok=True)
        return []

    @staticmethod
    def _restart(site: Site) -> None:
        """Restart the units that run, and wait until they are ready. Raises CommandError."""
        for unit in _running(site):
            site.progress(0.3, f"restarting {unit}")
            site.host.run("systemctl", "restart", unit, timeout_s=_RESTART_S)

    def _back(self, site: Site, releases: Releases, new: str, old: str) -> None:
        releases.put_in_force(old)
        for unit in _UNITS:
            site.host.run("systemctl", "reset-failed", unit, timeout_s=_ASK_S)
        self._restart(site)
        releases.drop(new)
        site.host.path(_UNDER_WAY).unlink()


def _running(site: Site) -> list[str]:
    """Those of the units that run or are to run by the will of systemd."""
    if not site.host.live:
        return []
    running = []
    for unit in _UNITS:
        state = site.host.run("systemctl", "show", "-P", "ActiveState", unit, timeout_s=_ASK_S).strip()
        if state in ("active", "activating", "reloading", "deactivating"):
            running.append(unit)
    return running
