"""The broker's address as people write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from edge.config import masked
from edge.errors import UsageError

_ALLOWED = "mqtt://user@host:1883, mqtts://host:8883, embedded or none"
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_HOST = re.compile(r"[A-Za-z0-9_.:%-]{1,253}")


@dataclass(frozen=True)
class BrokerAddress:
    """Where messages go. `host` and `port` are empty and 0 unless `kind` is `remote`.

    `mqtt5` False: this broker is known to speak 3.1.1 only.
    """

    kind: Literal["remote", "embedded", "none"]
    host: str = ""
    port: int = 0
    tls: bool = False
    username: str | None = None
    mqtt5: bool = True

    def __str__(self) -> str:
        if self.kind != "remote":
            return self.kind
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"


def parse_broker(text: str) -> BrokerAddress:
    """Read `--broker`; raises UsageError with the remedy."""
    if text in {"embedded", "none"}:
        return BrokerAddress("embedded" if text == "embedded" else "none")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        why = "" if masked(text) != text else f" ({error})"  # it may quote half a password
        raise UsageError(f"--broker {masked(text)} cannot be read{why}; write {_ALLOWED}.") from error
    if parts.password is not None:
        raise UsageError(
            f"--broker {masked(text)} holds a password, which others can read in the process list; "
            "leave it out and give it by a password file or the environment."
        )
    if (
        parts.scheme not in _PORTS
        or not host
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
        or not text.isprintable()
    ):
        raise UsageError(f"--broker {masked(text)} is not the address of a broker; write {_ALLOWED}.")
    _check_host(text, host)
    if port == 0:
        raise UsageError(f"--broker {masked(text)} names port 0; write a port from 1 to 65535.")
    user = unquote(parts.username) if parts.username else None
    return BrokerAddress("remote", host, port or _PORTS[parts.scheme], parts.scheme == "mqtts", user)


def _check_host(text: str, host: str) -> None:
    """A label that is empty or over 63 letters would raise deep inside the network thread."""
    labels = [""] if host.endswith("..") else host.rstrip(".").split(".")
    if not _HOST.fullmatch(host) or (":" not in host and not all(0 < len(label) <= 63 for label in labels)):
        raise UsageError(f"--broker {masked(text)} names a host that cannot be ({host!r}); write {_ALLOWED}.")
