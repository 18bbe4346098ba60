"""Whether a broker is to be installed along: the step itself is apt's."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

from deploy.releases import Releases
from deploy.site import Site
from deploy.steps.configuration import CONFIG

_LOCAL = ("localhost", "127.0.0.1", "::1")
_DEFAULT = "mqtt://localhost:1883"
_MQTT_PORT = 1883
_BROKER_LINE = re.compile(r"""^\s*broker\s*=\s*["']([^"']*)["']""", re.MULTILINE)


def broker_is_wanted(site: Site) -> bool:
    """At a first installation: its broker is this very machine's, nothing answers there, and nobody said no.

    Whoever has run it without one since then has a reason.
    """
    if Releases(site.host).in_force is not None:
        return False
    url = urlsplit(_broker(site))
    if not site.wishes.install_broker or url.scheme != "mqtt" or url.hostname not in _LOCAL:
        return False
    return site.host.is_image or not _answers(url.port or _MQTT_PORT)


def _broker(site: Site) -> str:
    """The broker's address as the config that is there says it, or the one that will be."""
    try:
        found = _BROKER_LINE.search(site.host.path(CONFIG).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return site.wishes.broker or _DEFAULT
    return found[1] if found else _DEFAULT


def _answers(port: int) -> bool:
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as asked:
                asked.settimeout(1)
                asked.connect((address, port))
        except OSError:
            continue
        return True
    return False
