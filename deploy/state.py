"""How an installation stands: what `edge-deploy status` tells."""

from __future__ import annotations

from typing import Any

from deploy.files import UNITS
from deploy.host import CommandError, Host
from deploy.receipt import RECEIPT, Receipt
from deploy.releases import Releases
from deploy.steps.configuration import CONFIG

_ASK_S = 30


def state(host: Host) -> dict[str, Any]:
    """`installed` (by provision), `finished`, `release`, `releases`, `config`, `units` with `enabled` and `active`."""
    receipt, releases = Receipt.load(host), Releases(host)
    return {
        "installed": host.path(RECEIPT).exists(),
        "finished": receipt.finished,
        "release": releases.in_force,
        "releases": releases.names,
        "config": CONFIG if host.path(CONFIG).exists() else None,
        "units": {unit: _unit(host, unit) for unit in UNITS if host.path(f"/etc/systemd/system/{unit}").exists()},
    }


def _unit(host: Host, unit: str) -> dict[str, str | bool | None]:
    enabled = host.path(f"/etc/systemd/system/multi-user.target.wants/{unit}").is_symlink()
    told: dict[str, str | None] = {"active": None, "status": None}
    if host.live:
        for key, name in (("active", "ActiveState"), ("status", "StatusText")):
            try:
                told[key] = host.run("systemctl", "show", "-P", name, unit, timeout_s=_ASK_S).strip()
            except CommandError:
                continue
    return {"enabled": enabled, **told}
