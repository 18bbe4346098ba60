"""The gate: the new release's own doctor looks at this machine before anything is switched."""

from __future__ import annotations

from deploy.files import DAEMON, unit_file
from deploy.releases import Releases
from deploy.site import Site
from deploy.step import DeployError, NotUpgradedError
from deploy.steps.release import wanted_release
from deploy.verdicts import failures


class GateStep:
    """An upgrade must not break what worked. On a first install what doctor finds is told: a camera may come later."""

    name = "doctor"

    def plan(self, site: Site) -> list[str]:
        """That it would be asked."""
        old, new = Releases(site.host).in_force, wanted_release(site)
        if new == old:
            return []
        against = f", against that of {old}" if old else ""
        opened = "" if site.host.is_image else ": it opens camera and microphone for 3 s"
        return [f"ask the doctor of {new}, with the rights of the service{against}{opened}"]

    def run(self, site: Site) -> None:
        """Ask it. Raises DeployError for an upgrade that fails where the release in force does not, and deletes it."""
        releases, new = Releases(site.host), wanted_release(site)
        old = releases.in_force
        if new == old:
            return
        try:
            self._compare(site, releases, new, old)
        except DeployError:
            releases.drop(new, site.receipt)
            raise

    def undo(self, site: Site) -> list[str]:  # noqa: ARG002
        """It has changed nothing."""
        return []

    @staticmethod
    def _compare(site: Site, releases: Releases, new: str, old: str | None) -> None:
        unit = unit_file(DAEMON, site.host.path(releases.folder(new)))
        site.progress(0.0, f"asking the doctor of {new}")
        failed = failures(site.host, releases.folder(new), unit)
        if not failed:
            return
        if old is None:
            for failure in failed:
                site.warn(f"doctor: {failure.words}")
            return
        site.progress(0.5, f"asking the doctor of {old}")
        try:
            as_before = {failure.check for failure in failures(site.host, releases.folder(old), unit)}
        except DeployError:  # after an upgrade of the system its Python may be gone: nothing is worse than that
            as_before = {failure.check for failure in failed}
        worse = [failure for failure in failed if failure.check not in as_before]
        for failure in failed:
            if failure not in worse:
                site.warn(f"doctor: {failure.words}")
        if worse:
            raise NotUpgradedError(
                f"Nothing is upgraded, {old} stays in force: {new} fails its own doctor where {old} does not: "
                + " ".join(failure.words for failure in worse)
            )
