"""Where the server listens: this machine alone, unless there is a token."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from dataclasses import dataclass

from edge.errors import EdgeError, UsageError

STALLED_S = 30.0
"""A client that takes nothing off its line for so long is cut off by the kernel."""
_BACKLOG = 128


@dataclass(frozen=True)
class Address:
    """What a host's name stood for when it was judged; asked again, it may stand for something else."""

    family: socket.AddressFamily
    place: tuple[str, int]


def address_of(host: str, port: int, *, has_token: bool) -> Address:
    """Raises UsageError for a host that is none of this machine's, or that others can reach while there is no token."""
    found = _resolved(host, port)
    for _, _, _, _, place in found:
        if not has_token and not ipaddress.ip_address(place[0].split("%")[0]).is_loopback:
            raise UsageError(
                f"--host {host} can be reached from other machines: give --token-file FILE too, whose first line every "
                "request has to bring, or stay with --host 127.0.0.1."
            )
    return Address(found[0][0], found[0][4])


def listening_socket(address: Address, stalled_s: float = STALLED_S) -> socket.socket:
    """A TCP socket that listens, with port 0 on any free one. Raises EdgeError for a taken port."""
    listener = socket.socket(address.family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _expect_answers(listener, stalled_s)
        listener.bind(address.place)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise EdgeError(
            f"{url_of(*address.place[:2])} cannot be listened on ({_reason(error)}): {_remedy(error)}."
        ) from error
    return listener


def url_of(host: str, port: int) -> str:
    """As a browser would have it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _resolved(host: str, port: int) -> list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int]]]:
    if not host.strip("[] "):
        raise UsageError("--host is empty: give an address of this machine, like 127.0.0.1.")
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise UsageError(
            f"--host {host!r} is no address of this machine ({_reason(error)}): give one, like 127.0.0.1 or 0.0.0.0."
        ) from error
    return found  # type: ignore[return-value]  # of TCP the address begins with host and port


def _expect_answers(listener: socket.socket, stalled_s: float) -> None:
    """What every accepted connection inherits: one that is dead, or whose client does not read, ends by itself."""
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(stalled_s * 1000))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(1, round(stalled_s / 2)))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, round(stalled_s / 6)))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _reason(error: Exception) -> str:
    code = getattr(error, "errno", None)
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror) and code is not None:
        return os.strerror(code)
    return getattr(error, "strerror", None) or "it is not a name"


def _remedy(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "ports below 1024 are root's; give another one with --port"
    if error.errno == errno.EADDRINUSE:
        return "another program has that port; stop it, or give another one with --port"
    return "give an address of this machine with --host"
