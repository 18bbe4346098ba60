"""The broker's address as people write it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from edge.config import masked
from edge.config.forms import broker_fault
from edge.errors import UsageError

PORTS = {"mqtt": 1883, "mqtts": 8883, "ws": 80, "wss": 443}
WEBSOCKET_PATH = "/mqtt"


@dataclass(frozen=True)
class BrokerAddress:
    """Where messages go. `host` and `port` are empty and 0 unless `kind` is `remote`, and with a unix socket.

    `mqtt5` False: this broker is known to speak 3.1.1 only. `path`: of the WebSocket, or of the unix socket.
    """

    kind: Literal["remote", "embedded", "none"]
    host: str = ""
    port: int = 0
    tls: bool = False
    username: str | None = None
    mqtt5: bool = True
    transport: Literal["tcp", "websockets", "unix"] = "tcp"
    path: str = ""

    def __str__(self) -> str:
        if self.kind != "remote":
            return self.kind
        if self.transport == "unix":
            return f"unix://{quote(self.path)}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"

    @property
    def scheme(self) -> str:
        """What stands before `://`."""
        if self.transport == "unix":
            return "unix"
        return ("ws" if self.transport == "websockets" else "mqtt") + ("s" if self.tls else "")

    @property
    def nearby(self) -> bool:
        """Whether the broker is on this machine: a try costs nobody else anything."""
        if self.transport == "unix" or self.host.rstrip(".").lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_broker(text: str) -> BrokerAddress:
    """Read `--broker`; raises UsageError with the remedy."""
    fault = broker_fault(text)
    if fault:
        raise UsageError(f"--broker {masked(text)} {fault}.")
    if text in {"embedded", "none"}:
        return BrokerAddress("embedded" if text == "embedded" else "none")
    parts = urlsplit(text)
    user = unquote(parts.username) if parts.username else None
    if parts.scheme == "unix":
        return BrokerAddress("remote", username=user, transport="unix", path=unquote(parts.path))
    host, port, tls = parts.hostname or "", parts.port or PORTS[parts.scheme], parts.scheme in {"mqtts", "wss"}
    if parts.scheme in {"ws", "wss"}:
        return BrokerAddress("remote", host, port, tls, user, transport="websockets", path=parts.path or WEBSOCKET_PATH)
    return BrokerAddress("remote", host, port, tls, user)
