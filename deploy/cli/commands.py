"""What each command does."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from deploy import provision as provisioning
from deploy import removal
from deploy.host import Host
from deploy.receipt import Receipt
from deploy.releases import Releases
from deploy.reporter import JsonReporter, LineReporter, Reporter
from deploy.site import Site
from deploy.state import as_table, is_well, state
from deploy.wishes import Wishes
from edge.errors import UsageError

_CHECKOUT = Path(__file__).resolve().parents[2]


def provision(arguments: argparse.Namespace) -> int:
    """Install, or tell what would be done."""
    host = _host(arguments)
    wishes = Wishes(
        source=arguments.source or _own_source(host),
        wheels=arguments.wheels,
        camera=arguments.camera,
        mic=arguments.mic,
        broker=arguments.broker,
        device_id=arguments.device_id,
        mqtt_password_file=arguments.mqtt_password_file,
        install_broker=not arguments.no_broker,
        brought=arguments.brought,
        web=arguments.web,
        start=not arguments.no_start,
    )
    site = Site(host, wishes, Receipt.load(host))
    if arguments.dry_run:
        _tell_plan(provisioning.plan(site), arguments.as_json)
        return 0
    changed = provisioning.provision(site, _reporter(arguments))
    _tell_end(site, changed, arguments.as_json)
    return 0


def remove(arguments: argparse.Namespace) -> int:
    """Take it away, or tell what would be taken."""
    host = _host(arguments)
    wishes = Wishes(purge=arguments.purge, keep_packages=arguments.keep_packages)
    site = Site(host, wishes, Receipt.load(host))
    if arguments.dry_run:
        _tell_plan(removal.plan(site), arguments.as_json)
        return 0
    left = removal.remove(site, _reporter(arguments))
    if arguments.as_json:
        print(json.dumps({"left": left}))
    else:
        print("\n".join(["removed; left:", *(f"  {line}" for line in left)] if left else ["removed; nothing is left"]))
    return 0


def status(arguments: argparse.Namespace) -> int:
    """Tell how the installation stands; 0 only when one is there and whole."""
    facts = state(_host(arguments))
    print(json.dumps(facts, indent=2) if arguments.as_json else as_table(facts))
    return 0 if is_well(facts) else 1


def _host(arguments: argparse.Namespace) -> Host:
    root = arguments.root
    if not os.path.isdir(root):  # noqa: PTH112 - it answers for a folder that we may not look into, too
        raise UsageError(f"--root {root!r} is no folder: name the root of an image.")
    if root != "/" and Path(root).samefile("/"):
        raise UsageError(f"--root {root!r} is this very machine: leave --root out, or name the root of an image.")
    return Host(Path(root))


def _own_source(host: Host) -> Path | None:
    """The checkout that this code lies in; an installed edge-deploy keeps the release that is in force."""
    if (_CHECKOUT / "setup.cfg").is_file():
        return _CHECKOUT
    if Releases(host).in_force is None:
        raise UsageError("There is nothing to install from: name a checkout of edge-emotion, or its wheel.")
    return None


def _reporter(arguments: argparse.Namespace) -> Reporter:
    return JsonReporter(sys.stdout) if arguments.as_json else LineReporter(sys.stdout)


def _tell_plan(planned: dict[str, list[str]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(planned, indent=2))
        return
    for name, lines in planned.items():
        print(f"{name}:")
        print("\n".join(f"  {line}" for line in lines))
    if not planned:
        print("nothing to do")


def _tell_end(site: Site, changed: bool, as_json: bool) -> None:
    facts = state(site.host)
    if as_json:
        print(json.dumps({"state": facts, "nothing_to_do": not changed}))
        return
    if not changed:
        print("nothing to do")
    if all(unit["active"] == "active" for unit in facts["units"].values()):
        print(f"{facts['release']} runs: systemctl status edge-emotion; journalctl -u edge-emotion -f")
    else:
        print(f"{facts['release']} is in force; it starts with the next boot where it is enabled: edge-deploy status")
