"""The settings: written once, and then the user's."""

from __future__ import annotations

import json
import os
import re

from deploy.host import CommandError
from deploy.placed_file import delete, place
from deploy.releases import Releases
from deploy.site import Site
from deploy.steps.release import wanted_release
from edge.errors import ConfigError, UsageError

FOLDER = "/etc/edge-emotion"
CONFIG = f"{FOLDER}/config.toml"
PASSWORD = f"{FOLDER}/mqtt-password"
_CHECK_S = 120


class ConfigurationStep:
    """An existing config is never touched; the broker's password is put where root alone can read it."""

    name = "configuration"

    def plan(self, site: Site) -> list[str]:
        """What would be written. Raises UsageError for a password file that cannot be read."""
        lines = []
        if site.host.path(CONFIG).exists():
            _warn_of_wishes(site)
        else:
            lines.append(f"write {CONFIG}" + (f" ({', '.join(_given(site))})" if _given(site) else ""))
        if new_password(site) is not None:
            lines.append(f"write {PASSWORD}, for root alone")
        return lines

    def run(self, site: Site) -> None:
        """Write it. Raises ConfigError when the new release refuses the wishes; nothing is written then."""
        if not site.host.path(CONFIG).exists():
            text = _config_text(site)
            _check(site, text)
            place(site, CONFIG, text.encode(), 0o644)
        password = new_password(site)
        if password is not None:
            place(site, PASSWORD, password, 0o600)
            for unit in site.receipt.names("units"):
                site.receipt.add("restarts", unit)  # systemd hands a password over at the start only

    def undo(self, site: Site) -> list[str]:
        """Settings, password and state are the user's: they go with --purge only."""
        host, left = site.host, []
        for path, called in ((CONFIG, "the settings"), (PASSWORD, "the broker's password")):
            if host.path(path).exists() and not site.wishes.purge:
                left.append(f"{called}, {path} (by hand: sudo rm -r {FOLDER})")
            else:
                delete(site, path)
        folder = host.path(FOLDER)
        if site.wishes.purge and not site.receipt.is_there and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()  # of an installation that was removed before
        return left


def _warn_of_wishes(site: Site) -> None:
    text = site.host.path(CONFIG).read_text(encoding="utf-8", errors="replace")
    missing = [line for line in _given(site) if line not in text.splitlines()]
    if missing:
        site.warn(f"{CONFIG} is there and stays as it is: write {', '.join(missing)} there by hand.")


def _given(site: Site) -> list[str]:
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in _wishes(site)]


def _wishes(site: Site) -> list[tuple[str, str]]:
    wishes = site.wishes
    pairs = (("camera", wishes.camera), ("mic", wishes.mic), ("broker", wishes.broker), ("device_id", wishes.device_id))
    return [(key, value) for key, value in pairs if value is not None]


def _config_text(site: Site) -> str:
    """Every key with its default in a comment, as the new release explains it; what was wished for stands in its place.

    A string of JSON without escapes beyond ASCII is one of TOML too.
    """
    said = site.host.run(_command(site), "config", "example", timeout_s=_CHECK_S)
    # It is comments and sections; what else is said comes from a library, and is no part of the file.
    text = "".join(f"{line}\n" for line in said.splitlines() if not line or line.startswith(("#", "[")))
    for line in _given(site):
        key = line.partition(" =")[0]
        text, found = re.subn(rf"^#{key} = .*$", line.replace("\\", r"\\"), text, count=1, flags=re.MULTILINE)
        text = text if found else f"{line}\n{text}"
    return text


def _check(site: Site, text: str) -> None:
    """Ask the new release what it thinks of it."""
    inside = Releases(site.host).folder(wanted_release(site)) / "config.candidate"
    candidate = site.host.path(inside)
    try:
        candidate.write_text(text, encoding="utf-8")
        site.host.run(_command(site), "config", "check", str(inside), timeout_s=_CHECK_S)
    except CommandError as error:
        words = str(error).partition("edge-emotion: ")[2] or str(error)
        raise ConfigError(f"The wishes for the settings cannot be: {words}") from error
    finally:
        candidate.unlink(missing_ok=True)


def _command(site: Site) -> str:
    return str(Releases(site.host).folder(wanted_release(site)) / "bin" / "edge-emotion")


def new_password(site: Site) -> bytes | None:
    """What is to be written; None when nothing is, or it is there already."""
    file = site.wishes.mqtt_password_file
    if file is None:
        return None
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"--mqtt-password-file {file} cannot be read ({error.strerror}): name another one.") from error
    if not content.splitlines() or not content.splitlines()[0].strip():
        raise UsageError(f"--mqtt-password-file {file} has nothing in its first line: write the password there.")
    there = site.host.path(PASSWORD)
    return None if os.access(there, os.R_OK) and there.read_bytes() == content else content
