"""A provision taken back, from the last step to the first."""

from __future__ import annotations

from deploy.alone import alone
from deploy.folders import remove_folders, remove_place
from deploy.host import Host
from deploy.receipt import RECEIPT, Receipt
from deploy.releases import RELEASES
from deploy.reporter import Reporter
from deploy.site import Site
from deploy.step import DeployError
from deploy.steps import STEPS
from deploy.steps.configuration import CONFIG, PASSWORD
from deploy.steps.preflight import check_rights, check_root_folder
from deploy.steps.service import CACHES, STATES

_SETTINGS = (CONFIG, PASSWORD)
_USERS = (*_SETTINGS, *STATES)


def plan(site: Site) -> dict[str, list[str]]:
    """What `remove` would do, and what it would leave, a line each. Raises DeployError where there is nothing."""
    _check(site)
    receipt, purge = site.receipt, site.wishes.purge
    users = [path for path in _USERS if site.host.path(path).exists()]
    files = [path for path in receipt.files if path not in _USERS]
    changed = [path for path in files if site.host.path(path).exists() and not receipt.is_untouched(path)]
    packages = receipt.names("packages")
    lines = {
        "stop and disable": receipt.names("units"),
        "delete": [
            *(path for path in files if path not in changed),
            *receipt.names("links"),
            *(str(RELEASES / name) for name in receipt.names("releases")),
            *(path for path in CACHES if site.host.path(path).exists()),
            *(users if purge else []),
            *(f"{folder}, if nothing else is in it" for folder in receipt.names("folders")),
        ],
        "delete the groups, if they have no members": receipt.names("groups"),
        "remove from apt, unless something else needs them": [] if site.wishes.keep_packages else packages,
        "leave": [
            *(f"{path}: it was changed since it was put there" for path in changed),
            *([] if purge else users),
            *(packages if site.wishes.keep_packages else []),
        ],
    }
    return {what: whom for what, whom in lines.items() if whom}


def remove(site: Site, reporter: Reporter) -> list[str]:
    """Take back what the receipt names; gives in words what is left. Raises EdgeError; the same call goes on."""
    check_rights()
    site.warn = reporter.warn
    left: list[str] = []
    with alone(site.host):
        site.receipt = Receipt.load(site.host)  # another one may have been at work since
        _check(site)
        for number, step in enumerate(reversed(STEPS), 1):
            reporter.begin(number, len(STEPS), step.name)
            site.progress = reporter.progress
            kept = step.undo(site)
            left += kept
            reporter.end("taken back, but for what is told below" if kept else "taken back", True)
        left += [line for line in remove_folders(site) if not _is_told(line, left)]
        left += remove_place(site)
    return left


def _check(site: Site) -> None:
    """Settings and state of an installation that is gone can still be purged."""
    check_root_folder(site.host)
    place = site.host.path(RECEIPT.parent)
    if site.receipt.is_there or (place.is_dir() and not any(place.iterdir())):
        return
    users = _left_of_before(site.host)
    if site.wishes.purge and users:
        return
    more = f"; {', '.join(users)} of before can be taken away with --purge" if users else ""
    raise DeployError(f"There is nothing to remove: {RECEIPT} is not there, so nothing was provisioned{more}.")


def _left_of_before(host: Host) -> list[str]:
    return [path for path in _USERS if host.path(path).exists() or host.path(path).is_symlink()]


def _is_told(line: str, left: list[str]) -> bool:
    """A folder that holds nothing but what is told already."""
    folder = line.removeprefix("the folder ").partition(":")[0]
    holds = line.partition(": it holds ")[2].split(", ")
    return all(any(f"{folder}/{name}" in told for told in left) for name in holds)
