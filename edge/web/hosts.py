"""Who a request says that it is for, and from which page it comes.

A page of another site can make a browser ask us, under our own name (CSRF) or under one of its own that it has led here
(DNS rebinding). The first betrays itself by `Origin`, the second by `Host`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from edge.errors import UsageError

LOCAL = ("localhost", "127.0.0.1", "[::1]")
_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::([0-9]{1,5}))?")
_NAME = re.compile(r"\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_-][A-Za-z0-9_.-]*")


class Hosts:
    """The names that this server answers to."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """`allowed` beside those of the loopback: names or addresses without a port. Raises UsageError."""
        self._names = {*LOCAL, *(_checked(name) for name in allowed)}

    def knows(self, host: str) -> bool:
        """Whether a `Host` header, with whatever port, is one of ours."""
        authority = _AUTHORITY.fullmatch(host)
        return authority is not None and _plain(authority[1]) in self._names


def same_origin(origin: str, host: str) -> bool:
    """Whether the page comes from the very place that it asks; behind a proxy that may have been https."""
    scheme, separator, authority = origin.partition("://")
    if not separator or scheme.lower() not in {"http", "https"}:
        return False
    port = {"http": "80", "https": "443"}[scheme.lower()]
    return _with_port(authority, port) == _with_port(host, port) != ""


def _with_port(authority: str, port: str) -> str:
    parts = _AUTHORITY.fullmatch(authority)
    return "" if parts is None else f"{_plain(parts[1])}:{parts[2] or port}"


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _checked(name: str) -> str:
    bracketed = f"[{name}]" if ":" in name and not name.startswith("[") else name
    if not _NAME.fullmatch(bracketed):
        raise UsageError(
            f"--allow-host {name!r} is no host name: give one as it stands in the browser, without http:// and port, "
            "like jetson.local."
        )
    return _plain(bracketed)
