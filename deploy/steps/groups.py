"""The groups that own the devices' nodes: a unit that names one which is not there does not start."""

from __future__ import annotations

from deploy.host import CommandError
from deploy.site import Site

GROUPS = ("video", "audio", "render")
_CHANGE_S = 60


class GroupsStep:
    """Makes those that are missing as system groups. The service's account itself is made by systemd for each run."""

    name = "groups"

    def plan(self, site: Site) -> list[str]:
        """Which would be made."""
        missing = _missing(site)
        return [f"make the system groups {', '.join(missing)}"] if missing else []

    def run(self, site: Site) -> None:
        """Make them. Raises CommandError."""
        for group in _missing(site):
            site.receipt.add("groups", group)
            site.host.run("groupadd", "--system", group, timeout_s=_CHANGE_S)

    def undo(self, site: Site) -> list[str]:
        """Delete those that are ours and nobody's by now."""
        left = []
        for group in site.receipt.names("groups"):
            if group not in _missing(site):
                if _members(site, group):
                    left.append(f"the group {group}: it has members ({_members(site, group)})")
                    continue
                try:
                    site.host.run("groupdel", group, timeout_s=_CHANGE_S)
                except CommandError as error:
                    left.append(f"the group {group}: {error}")
                    continue
            site.receipt.forget("groups", group)
        return left


def _entries(site: Site) -> dict[str, list[str]]:
    try:
        lines = site.host.path("/etc/group").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {line.split(":")[0]: line.split(":") for line in lines if line.count(":") == 3}


def _missing(site: Site) -> list[str]:
    there = _entries(site)
    return [group for group in GROUPS if group not in there]


def _members(site: Site, group: str) -> str:
    return _entries(site)[group][3]
