"""The commands, where everybody's shell finds them."""

from __future__ import annotations

from pathlib import Path

from deploy.folders import make_folder
from deploy.releases import CURRENT
from deploy.site import Site

FOLDER = Path("/usr/local/bin")
_ALWAYS, _WEB = ("edge-emotion", "edge-engines", "edge-deploy"), "edge-emotion-web"


class CommandsStep:
    """Links into the release in force; something else of the same name stays."""

    name = "commands"

    def plan(self, site: Site) -> list[str]:
        """Which links would be made; warns of what is in their place."""
        return [f"link {link} to {_target(link)}" for link in _to_make(site)]

    def run(self, site: Site) -> None:
        """Make them."""
        for link in _to_make(site):
            make_folder(site, str(FOLDER))
            site.receipt.add("links", str(link))
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


def _to_make(site: Site) -> list[Path]:
    names = (*_ALWAYS, _WEB) if site.wants_web else _ALWAYS
    missing = [FOLDER / name for name in names if not _is_ours(site, FOLDER / name)]
    taken = [link for link in missing if _is_taken(site, link)]
    for link in taken:
        site.warn(f"{link} is something else and stays: call {_target(link)} by its whole path.")
    return [link for link in missing if link not in taken]


def _is_ours(site: Site, link: Path) -> bool:
    path = site.host.path(link)
    return path.is_symlink() and path.readlink() == _target(link)


def _is_taken(site: Site, link: Path) -> bool:
    path = site.host.path(link)
    return (path.exists() or path.is_symlink()) and not _is_ours(site, link)
