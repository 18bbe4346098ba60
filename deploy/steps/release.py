"""The release: the package in a virtual environment of the system's Python that sees the system's packages."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from deploy.board_opencv import prefer_the_boards_opencv
from deploy.host import CommandError
from deploy.pip import CACHE, Pip
from deploy.pip_progress import PipProgress
from deploy.releases import HOME, RELEASES, Releases
from deploy.site import Site
from deploy.source import Source, read_source
from deploy.step import DeployError
from deploy.system_python import OLDEST, SYSTEM_PYTHON, SystemPython, system_python
from deploy.wheel_folder import wheels_inside
from edge.errors import UsageError

_ROOM_BYTES = 1_300_000_000
"""A release takes 800 MB, what is downloaded for it 250 MB."""
_VENV_S, _VERSION_S = 300, 120


class ReleaseStep:
    """Makes the release that the source asks for, beside the one in force, which is not touched."""

    name = "release"

    def plan(self, site: Site) -> list[str]:
        """What would be made. Raises UsageError for a source that is none, DeployError for what stands in the way."""
        releases, source = Releases(site.host), wanted_source(site)
        python = system_python(site.host)
        if source is None:
            _check_extras(site, releases)
            return []
        if _is_made(site, source, python):
            return []
        if python is not None:
            _new_enough(python)
        _check_room(site)
        held = f", held to {', '.join(python.constraints)}" if python and python.constraints else ""
        from_where = f"wheels in {site.wishes.wheels}" if site.wishes.wheels else "pip's index"
        return [
            f"make {releases.folder(source.release)}: a venv of {SYSTEM_PYTHON} that sees the system's packages",
            f"install {source.path} into it, and what it needs from {from_where}{held}",
        ]

    def run(self, site: Site) -> None:
        """Make it, unless it is there; what was half done is done anew. Raises DeployError, and leaves no half."""
        releases, source = Releases(site.host), wanted_source(site)
        python = system_python(site.host)
        if source is None or _is_made(site, source, python):
            return
        python = _new_enough(python)
        _check_room(site)
        site.receipt.add_release(source.release)
        try:
            _install(site, releases, source, python)
        except BaseException:
            if source.release != releases.in_force:
                releases.drop(source.release, site.receipt)
            if _free_bytes(site) < _ROOM_BYTES:
                shutil.rmtree(site.host.path(CACHE), ignore_errors=True)
            raise
        shutil.rmtree(site.host.path(CACHE), ignore_errors=True)

    def undo(self, site: Site) -> list[str]:
        """Delete all releases that the receipt names."""
        releases = Releases(site.host)
        for name in site.receipt.names("releases"):
            releases.drop(name, site.receipt)
        shutil.rmtree(site.host.path(CACHE), ignore_errors=True)
        if releases.names:
            return [f"{RELEASES}: there are releases that edge-deploy has not made: {', '.join(releases.names)}"]
        with contextlib.suppress(FileNotFoundError):
            site.host.path(RELEASES).rmdir()
        return []


def wanted_source(site: Site) -> Source | None:
    """What is to be installed; None where nothing was named and the release in force stays. Raises UsageError."""
    if site.wishes.source is not None:
        site.source = site.source or read_source(site.wishes.source)
        return site.source
    if Releases(site.host).in_force is None:
        raise UsageError("There is nothing to install from: name a checkout of edge-emotion, or its wheel.")
    return None


def wanted_release(site: Site) -> str:
    """The release that is to be in force in the end."""
    source = wanted_source(site)
    return source.release if source else Releases(site.host).in_force or ""


def _extras(site: Site) -> list[str]:
    return ["web"] if site.wants_web else []


def _check_extras(site: Site, releases: Releases) -> None:
    """Raises UsageError where the release in force, which is to stay, was made without what is asked for now."""
    facts = releases.facts(releases.in_force or "")
    if facts is not None and not set(_extras(site)) <= set(facts["extras"]):
        raise UsageError(
            "--web needs more than the release in force has: name a checkout of edge-emotion, or its wheel."
        )


def _is_made(site: Site, source: Source, python: SystemPython | None) -> bool:
    """Whether it is there and whole. One that was made with another Python than the system has by now is not."""
    releases = Releases(site.host)
    facts = releases.facts(source.release) or {}
    is_of_this_python = python is not None and facts.get("python") == python.series
    return is_of_this_python and releases.is_whole(source.release, _extras(site))


def _new_enough(python: SystemPython | None) -> SystemPython:
    oldest = ".".join(map(str, OLDEST))
    if python is None:
        raise DeployError(f"There is no {SYSTEM_PYTHON}: sudo apt-get install python3, and run the same command again.")
    if python.is_old:
        found = ".".join(map(str, python.version))
        raise DeployError(
            f"{SYSTEM_PYTHON} is {found}, {oldest} or newer is needed: use JetPack 6, Ubuntu 22.04, Debian 12 or newer."
        )
    return python


def _check_room(site: Site) -> None:
    free = _free_bytes(site)
    if free < _ROOM_BYTES:
        raise DeployError(
            f"The disk of {HOME} has {free / 1e6:.0f} MB left, a release needs {_ROOM_BYTES / 1e6:.0f} MB: make room "
            "there and run the same command again."
        )


def _free_bytes(site: Site) -> int:
    place = site.host.path(HOME)
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def _install(site: Site, releases: Releases, source: Source, python: SystemPython) -> None:
    folder = releases.folder(source.release)
    if (releases.facts(source.release) or {}).get("python") != python.series:
        site.progress(0.0, f"making {folder}")
        shutil.rmtree(site.host.path(folder), ignore_errors=True)
        _make_venv(site, folder)
    cache = site.host.path(CACHE)
    cache.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(cache / "source", ignore_errors=True)
    copy = source.copy_into(cache / "source")
    if read_source(copy).sha256 != source.sha256:
        raise DeployError(f"{source.path} was changed while it was copied: run the same command again.")
    pip = Pip(site.host, folder, wheels_inside(site), python.constraints, PipProgress(site))
    extras = _extras(site)
    inside = CACHE / copy.relative_to(cache)
    pip.install(f"{inside}[{','.join(extras)}]" if extras else str(inside))
    opencv = prefer_the_boards_opencv(site.host, folder, pip)
    facts = {"version": source.version, "sha256": source.sha256, "extras": extras, "held": python.constraints}
    facts["python"] = python.series
    site.progress(0.95, "trying it")
    _try(site, folder)
    releases.mark_whole(source.release, {**facts, "opencv": opencv})


def _make_venv(site: Site, folder: Path) -> None:
    try:
        site.host.run(SYSTEM_PYTHON, "-m", "venv", "--system-site-packages", str(folder), timeout_s=_VENV_S)
    except CommandError as error:
        raise DeployError(
            f"{SYSTEM_PYTHON} could not make a virtual environment in {folder}: {str(error).rstrip('.')}; "
            "sudo apt-get install python3-venv, make sure that the disk has room, and run the same command again."
        ) from error


def _try(site: Site, folder: Path) -> None:
    try:
        site.host.run(str(folder / "bin" / "edge-emotion"), "version", timeout_s=_VERSION_S)
    except CommandError as error:
        raise DeployError(f"The new release does not even tell its version: {error}") from error
