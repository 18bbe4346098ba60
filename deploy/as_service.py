"""A command with the rights of the service: its user, its groups, its devices, its folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from deploy.host import Host
from edge.unit_rights import right


def run_as_service(
    host: Host,
    unit: Path,
    *words: str,
    timeout_s: float,
    heard: Callable[[str], None] | None = None,
    may_fail: bool = False,
) -> str:
    """What the command writes, run with the rights that the file `unit` gives; without a systemd, as who we are.

    Raises CommandError where it ends with anything but 0, unless it `may_fail`.
    """
    if not host.live:
        return host.run(*words, timeout_s=timeout_s, progress=heard, may_fail=may_fail)
    rights = [word for line in rights_of(unit.read_text()) for word in ("-p", line)]
    # Whoever asks may be killed: what runs on as a unit of systemd's has an end of its own then.
    limit = ("-p", f"RuntimeMaxSec={timeout_s:g}")
    transient = ("systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--service-type=exec", *limit, *rights)
    return host.run(*transient, "--", *words, timeout_s=timeout_s, progress=heard, may_fail=may_fail)


def rights_of(unit: str) -> list[str]:
    """The lines of a unit's text that give or take rights, or say where to write, in their order."""
    pairs = (line.strip().partition("=") for line in unit.splitlines())
    return [line for key, _, value in pairs if (line := right(key, value)) is not None]
