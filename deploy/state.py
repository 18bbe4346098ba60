"""How an installation stands: what `edge-deploy status` tells."""

from __future__ import annotations

from typing import Any

from deploy.apt import Apt
from deploy.files import UNIT_FOLDER, UNITS
from deploy.host import CommandError, Host
from deploy.receipt import Receipt
from deploy.releases import Releases
from deploy.steps.configuration import CONFIG
from deploy.steps.service import is_enabled

PACKAGE = "edge-emotion"
_PACKAGED = "/lib/systemd/system"
_ASK_S = 30
_PROPERTIES = {"active": "ActiveState", "status": "StatusText", "since": "ActiveEnterTimestamp"}


def state(host: Host) -> dict[str, Any]:
    """How this machine has it.

    `installed`, by provision, and `finished`, to its end; `package`, by dpkg; `release` in force and all `releases`;
    `config`; `units`, each with `enabled`, and with `active`, `status` and `since` where systemd runs, else null.
    """
    receipt, releases = Receipt.load(host), Releases(host)
    return {
        "installed": receipt.is_there,
        "finished": receipt.finished,
        "package": PACKAGE in Apt(host).installed(),
        "release": releases.in_force,
        "releases": releases.names,
        "config": CONFIG if host.path(CONFIG).exists() else None,
        "units": {unit: _unit(host, unit) for unit in UNITS if _is_there(host, unit)},
    }


def is_well(facts: dict[str, Any]) -> bool:
    """Whether it is installed to its end, and what is enabled runs, as far as that can be seen."""
    units = facts["units"].values()
    return bool(facts["finished"] or facts["package"]) and all(
        unit["active"] in (None, "active") for unit in units if unit["enabled"]
    )


def as_table(facts: dict[str, Any]) -> str:
    """`state` for people."""
    installed = "yes" if facts["finished"] else "not to its end: run edge-deploy provision again"
    nowhere = "as a Debian package: systemctl status edge-emotion" if facts["package"] else "no"
    kept = [name for name in facts["releases"] if name != facts["release"]]
    lines = [
        f"installed  {installed if facts['installed'] else nowhere}",
        f"release    {facts['release'] or '-'}",
        f"kept       {', '.join(kept) or '-'}",
        f"config     {facts['config'] or '-'}",
    ]
    for unit, told in facts["units"].items():
        enabled = "enabled" if told["enabled"] else "not enabled"
        active = told["active"] or "systemd does not run here"
        since = f" since {told['since']}" if told["since"] else ""
        lines.append(f"{unit}: {enabled}, {active}{since}; {told['status'] or ''}".rstrip("; "))
    return "\n".join(lines)


def _is_there(host: Host, unit: str) -> bool:
    return any(host.path(f"{folder}/{unit}").exists() for folder in (UNIT_FOLDER, _PACKAGED))


def _unit(host: Host, unit: str) -> dict[str, str | bool | None]:
    told: dict[str, str | None] = dict.fromkeys(_PROPERTIES)
    if host.live:
        for key, name in _PROPERTIES.items():
            try:
                told[key] = host.run("systemctl", "show", "-P", name, unit, timeout_s=_ASK_S).strip()
            except CommandError:
                continue
    return {"enabled": is_enabled(host, unit), **told}
