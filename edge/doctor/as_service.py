"""The rights of the service, lent to another command: groups, devices, folders and credentials are a unit's own."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from edge.board.tree import Tree
from edge.doctor.unit_file import UNIT, unit_settings
from edge.errors import EdgeError
from edge.unit_rights import right


def service_command(arguments: list[str], root: Path = Path("/")) -> list[str]:
    """The words that run the service's own program with `arguments` and with the rights of its unit in force.

    Raises EdgeError where there is no such unit, or no right to do that.
    """
    settings = unit_settings(Tree(root))
    if settings is None:
        raise EdgeError(f"--as-service needs {UNIT}, and there is none: sudo edge-deploy provision installs it.")
    if not Path("/run/systemd/system").is_dir() or shutil.which("systemd-run") is None:
        raise EdgeError("--as-service needs systemd, and it does not run here: leave the option out.")
    if os.geteuid() != 0:
        raise EdgeError("--as-service takes the rights of another user: run it with sudo.")
    started = shlex.split(" ".join(settings.get("ExecStart", [])[-1:]))
    if not started:
        raise EdgeError(f"{UNIT} has no ExecStart=: correct it with sudo systemctl edit --full {UNIT}.")
    program = started[0].lstrip("-+!:@")
    lines = [right(key, value) for key, values in settings.items() for value in values or [""]]
    rights = [word for line in lines if line is not None for word in ("-p", line)]
    transient = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--service-type=exec", *rights]
    return [*transient, "--", program, *arguments]
