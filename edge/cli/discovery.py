"""`edge-emotion remove-discovery`: takes this device out of Home Assistant."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from edge.cli.flags import given_flags
from edge.cli.sources import add_log_level
from edge.errors import UsageError

TIMEOUT_S = 10.0
_DESCRIPTION = """\
Takes this device, with all its entities, out of Home Assistant: an empty retained message replaces the one by which
the device had announced itself. A daemon that runs announces itself again when it connects or Home Assistant starts:
stop it first, or set homeassistant.discovery = false.
"""
_EXAMPLES = """\
examples:
  edge-emotion remove-discovery
  edge-emotion remove-discovery --broker mqtt://broker.local --device-id desk
  edge-emotion remove-discovery --config /etc/edge-emotion/config.toml

exit codes: 0 removed, or there was nothing, 1 the broker cannot be reached or refuses us, 64 bad command line,
78 bad config
"""


def add_remove_discovery(subcommands: Any) -> None:
    """The command's parser."""
    parser = subcommands.add_parser(
        "remove-discovery",
        help="take this device out of Home Assistant",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        argument_default=argparse.SUPPRESS,
    )
    parser.set_defaults(command=remove_discovery)
    parser.add_argument("--broker", metavar="URL", help="the broker that Home Assistant listens to")
    parser.add_argument("--device-id", metavar="NAME", help="name of the device in topics; default the host name")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="TOML; default /etc/edge-emotion/config.toml when present"
    )
    add_log_level(parser)


def remove_discovery(arguments: argparse.Namespace) -> int:
    """Empty the retained message and say so."""
    from edge.cli.logs import log_to_stderr
    from edge.config import load_settings

    settings = load_settings(given_flags(arguments), getattr(arguments, "config", None), os.environ)
    log_to_stderr("debug" if settings.log_level == "debug" else "error")  # what is wrong is told once, at the end
    from edge.publish.homeassistant.discovery import discovery_topic
    from edge.publish.homeassistant.removal import Removal
    from edge.publish.mqtt.broker_url import parse_broker

    address = parse_broker(settings.broker)
    if address.kind != "remote":
        raise UsageError(
            f"broker is {settings.broker!r}, where nothing is kept: name the broker that Home Assistant listens to, "
            "like --broker mqtt://broker.local."
        )
    topic = discovery_topic(settings.device_id, settings.homeassistant.prefix)
    Removal(address, settings.mqtt, settings.device_id, TIMEOUT_S).empty(topic)
    again = (
        "; a daemon that runs announces it again, unless homeassistant.discovery = false"
        if settings.homeassistant.discovery
        else ""
    )
    print(f"removed {settings.device_id} from Home Assistant ({topic} on {address} is empty){again}")
    return 0
