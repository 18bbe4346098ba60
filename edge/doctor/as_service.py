"""The rights of the service, lent to another command: groups, devices, folders and credentials are a unit's own."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from edge.board.tree import Tree
from edge.doctor.unit_file import UNIT, unit_settings
from edge.errors import EdgeError

_RIGHTS = frozenset({
    *("DynamicUser", "User", "Group", "SupplementaryGroups", "UMask", "StateDirectory", "CacheDirectory"),
    *("LoadCredential", "SetCredential", "Environment", "EnvironmentFile", "NoNewPrivileges", "CapabilityBoundingSet"),
    *("AmbientCapabilities", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateMounts", "PrivateUsers"),
    *("PrivateDevices", "PrivateNetwork", "ProtectProc", "ProtectKernelTunables", "ProtectKernelModules"),
    *("ProtectKernelLogs", "ProtectControlGroups", "ProtectClock", "ProtectHostname", "RestrictAddressFamilies"),
    *("RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "KeyringMode", "LockPersonality"),
    *("MemoryDenyWriteExecute", "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber"),
    *("DevicePolicy", "DeviceAllow", "ReadWritePaths", "ReadOnlyPaths", "InaccessiblePaths"),
    *("IPAddressAllow", "IPAddressDeny"),
})  # fmt: skip
"""What decides what a command may reach. When the daemon is started, watched and ended is its own affair."""
_PLACES = {"%C": "/var/cache", "%S": "/var/lib", "%t": "/run", "%E": "/etc", "%%": "%"}


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
    rights = [word for key in settings for word in _properties(key, settings[key])]
    transient = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--service-type=exec", *rights]
    return [*transient, "--", program, *arguments]


def _properties(key: str, values: list[str]) -> list[str]:
    if key not in _RIGHTS:
        return []
    given = [value if key == "SetCredential" else _in_full(value) for value in values or [""]]
    return [word for value in given for word in ("-p", f"{key}={value}")]


def _in_full(value: str) -> str:
    """systemd-run takes a percent sign as it stands, a unit's file does not."""
    for short, place in _PLACES.items():
        value = value.replace(short, place)
    return value
