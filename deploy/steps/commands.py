"""The commands, where everybody's shell finds them."""

from __future__ import annotations

from pathlib import Path

from deploy.releases import CURRENT
from deploy.site import Site

FOLDER = Path("/usr/local/bin")
_NAMES = ("edge-emotion", "edge-engines", "edge-deploy")


class CommandsStep:
    """Links into the release in force; something else of the same name stays."""

    name = "commands"

    def plan(self, site: Site) -> list[str]:
        """Which links would be made."""
        return [f"link {link} to {_target(link)}" for link in _missing(site) if not _is_taken(site, link)]

    def run(self, site: Site) -> None:
        """Make them."""
        for link in _missing(site):
            if _is_taken(site, link):
                site.warn(f"{link} is something else and stays: call {_target(link)} by its whole path.")
                continue
            site.receipt.add("links", str(link))
            site.host.path(FOLDER).mkdir(parents=True, exist_ok=True)
            site.host.path(link).symlink_to(_target(link))

    def undo(self, site: Site) -> list[str]:
        """Delete those that still are ours."""
        left = []
        for name in site.receipt.names("links"):
            link = Path(name)
            if _is_taken(site, link):
                left.append(f"{link}: it leads elsewhere by now")
                continue
            site.host.path(link).unlink(missing_ok=True)
            site.receipt.forget("links", name)
        return left


def _target(link: Path) -> Path:
    return CURRENT / "bin" / link.name


def _missing(site: Site) -> list[Path]:
    links = (FOLDER / name for name in _NAMES)
    return [link for link in links if not _is_ours(site, link)]


def _is_ours(site: Site, link: Path) -> bool:
    path = site.host.path(link)
    return path.is_symlink() and path.readlink() == _target(link)


def _is_taken(site: Site, link: Path) -> bool:
    path = site.host.path(link)
    return (path.exists() or path.is_symlink()) and not _is_ours(site, link)
