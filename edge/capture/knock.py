"""Knocks at the address of a camera that is away, so that its return is noticed at once."""

from __future__ import annotations

import contextlib
import errno
import re
import select
import socket
import ssl
import struct
from urllib.parse import SplitResult, urlsplit

from edge.capture.host import Host, host_and_port
from edge.clock import NS_PER_MS, NS_PER_S, Clock

_CONNECT_NS = NS_PER_S
"""The kernel repeats an unanswered SYN after 1, 2, 4 … s: a new connection each second is answered sooner."""
_ANSWER_NS = 10 * NS_PER_S
_SILENT_NS = 3 * NS_PER_S
"""Who lets a connection wait so long does not answer, as of now."""
_WAIT_MS = 2
"""Most neighbours answer within: one call of `poll` may be enough."""
_AGAIN_NS = 500 * NS_PER_MS
_ANSWERED_AGAIN_NS = 2 * NS_PER_S
_PICTURE_BYTES = 512
"""Fewer than the head of any JPEG has, and more than what is said before one."""
_STREAM = re.compile(rb"HTTP/\S+ 200 ")
_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 3000),
)
"""Ends a connection to a camera that has lost its power: its kernel answers while it merely hangs."""
_NO_LINGER = struct.pack("ii", 1, 0)
"""A reset instead of a farewell: a camera that serves one client is free for the next one at once."""


class Knocker:
    """Keeps one question waiting at a network camera's address: any answer will do, even a refusal.

    It has no thread: `poll`, called a few times a second, moves it on and takes 4 ms at most. A camera that is
    unplugged or killed is asked anew twice a second; one whose program hangs has accepted the connection, and answers
    as soon as it goes on. What counts is an answer after silence: an address that answers and yet cannot be opened, for
    want of a password, say, is no return. Nor is a good word of HTTP: that has to be followed by part of a picture.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self.returns = 0
        """How often the address has answered after silence."""
        self._clock = clock
        parts = urlsplit(url)
        self._question = _question(parts)
        self._host = Host(*host_and_port(url))
        self._socket: socket.socket | None = None
        self._asked = False
        self._heard = b""
        self._answers = False
        self._began_ns = self._next_ns = 0

    def poll(self) -> int:
        """Move on, and give `returns`. The first call after `close` only begins: what it gives is still the old."""
        now_ns = self._clock.now_ns()
        try:
            if self._socket is not None:
                self._look(self._socket, now_ns)
            elif now_ns >= self._next_ns:
                self._connect(now_ns)
        except (OSError, ValueError):  # ValueError: another thread has closed it
            self._settle(False, now_ns)
        return self.returns

    def close(self) -> None:
        """Take the question back; what is known stays known. `poll` asks again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._next_ns = 0

    def opened(self) -> None:
        """The camera has been opened: when it is lost, the next answer is a return."""
        self._answers = False

    def _connect(self, now_ns: int) -> None:
        address = self._host.next_address(now_ns)
        if address is None:
            self._next_ns = now_ns + _AGAIN_NS
            return
        family, where = address
        self._began_ns, self._asked, self._heard = now_ns, False, b""
        self._socket = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        for option in _KEEPALIVE:
            self._socket.setsockopt(*option)
        error = self._socket.connect_ex(where)
        if error not in (0, errno.EINPROGRESS):
            raise OSError(error, "no connection")

    def _look(self, connection: socket.socket, now_ns: int) -> None:
        """Raises OSError when there is no (more) connection."""
        waited_ns = now_ns - self._began_ns
        if not self._asked and _ready(connection, select.POLLOUT):
            error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                raise OSError(error, "no connection")
            connection.send(self._question)
            self._asked = True
        if self._asked and _ready(connection, select.POLLIN):
            more = connection.recv(_PICTURE_BYTES)
            self._heard += more
            if not more or _says_enough(self._heard):
                self._settle(_says_enough(self._heard), now_ns)
                return
        if waited_ns > _SILENT_NS:
            self._answers = False
        if waited_ns > (_ANSWER_NS if self._asked else _CONNECT_NS):
            self._settle(False, now_ns)

    def _settle(self, answered: bool, now_ns: int) -> None:
        if answered and not self._answers:
            self.returns += 1
        self._answers = answered
        self.close()
        if answered:
            self._next_ns = now_ns + _ANSWERED_AGAIN_NS
        elif self._host.failed():
            self._next_ns = now_ns + _AGAIN_NS


def _question(url: SplitResult) -> bytes:
    """OPTIONS of RTSP, GET of HTTP, or the first words of TLS. No login: a refusal is an answer too."""
    if url.scheme.lower() in ("https", "rtsps"):
        return _client_hello(url.hostname or "")
    host = url.netloc.rpartition("@")[2]
    if url.scheme.lower() == "rtsp":
        return f"OPTIONS rtsp://{host}{url.path} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode()
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode()


def _says_enough(heard: bytes) -> bool:
    """Whether this is an answer; the head of a stream, from a camera whose sensor hangs, is none yet."""
    if not _STREAM.match(heard):
        return bool(heard)
    _, _, body = heard.partition(b"\r\n\r\n")
    return len(body) >= _PICTURE_BYTES


def _client_hello(host: str) -> bytes:
    outgoing = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError, ValueError):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=host).do_handshake()
    return outgoing.read()


def _ready(connection: socket.socket, event: int) -> bool:
    """Whether a connection has been made (POLLOUT), there is an answer (POLLIN), or it has failed."""
    poll = select.poll()
    poll.register(connection, event)
    return bool(poll.poll(_WAIT_MS))
