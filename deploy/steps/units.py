"""The units of systemd, as the release in force has them."""

from __future__ import annotations

from pathlib import Path

from deploy.files import UNIT_FOLDER, UNITS, WEB, unit_file
from deploy.placed_file import place, take_back
from deploy.releases import Releases
from deploy.site import Site
from deploy.steps.release import wanted_release

_RELOAD_S = 60


class UnitsStep:
    """Puts them to where an administrator's own are; one that was changed there by hand stays."""

    name = "units"

    def plan(self, site: Site) -> list[str]:
        """Which would be written; warns of those that stay as somebody has made them."""
        return [f"write {_place(name)}" for name in _to_write(site)]

    def run(self, site: Site) -> None:
        """Write them and let systemd read them. Raises DeployError."""
        names = _to_write(site)
        for name in names:
            place(site, _place(name), _content(site, name), 0o644)
        if names and site.host.live:
            site.host.run("systemctl", "daemon-reload", timeout_s=_RELOAD_S)

    def undo(self, site: Site) -> list[str]:
        """Delete those that are as we wrote them."""
        left = [take_back(site, path) for path in list(site.receipt.files) if path.startswith(f"{UNIT_FOLDER}/")]
        if site.host.live:
            site.host.run("systemctl", "daemon-reload", timeout_s=_RELOAD_S)
        drop_ins = [f"{_place(name)}.d" for name in UNITS if site.host.path(f"{_place(name)}.d").exists()]
        return [words for words in left if words] + [f"{folder}: your own changes of a unit" for folder in drop_ins]


def wanted_units(site: Site) -> list[str]:
    """The daemon's, and the web process's where it is asked for or was before."""
    return [name for name in UNITS if name != WEB or site.wants_web]


def _to_write(site: Site) -> list[str]:
    names = [name for name in wanted_units(site) if _differs(site, name)]
    by_hand = [
        name for name in names if site.host.path(_place(name)).exists() and not site.receipt.is_untouched(_place(name))
    ]
    for name in by_hand:
        site.warn(f"{_place(name)} was changed by hand and stays: put changes into {_place(name)}.d/ instead.")
    return [name for name in names if name not in by_hand]


def _place(name: str) -> str:
    return f"{UNIT_FOLDER}/{name}"


def _content(site: Site, name: str) -> bytes:
    release: Path = site.host.path(Releases(site.host).folder(wanted_release(site)))
    return unit_file(name, release).read_bytes()


def _differs(site: Site, name: str) -> bool:
    try:
        return site.host.path(_place(name)).read_bytes() != _content(site, name)
    except OSError:
        return True
