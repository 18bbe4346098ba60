"""The process `edge-emotion-web`: listens, reads, answers, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from edge.clock import MonotonicClock
from edge.config import Settings
from edge.errors import UsageError
from edge.notify import ServiceManager
from edge.publish.mqtt.broker_url import BrokerAddress, parse_broker
from edge.web.address import address_of, listening_socket, url_of
from edge.web.app import make_app
from edge.web.bearer import read_token
from edge.web.feed import Feed
from edge.web.gate import Gate
from edge.web.heads import PatientProtocol
from edge.web.hosts import Hosts
from edge.web.subscriber import Subscriber

MOST_CONNECTIONS = 256
_GRACE_S = 2
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Door:
    """Where the server listens, and whom it lets in."""

    host: str = "127.0.0.1"
    port: int = 8088
    token_file: Path | None = None
    allow_hosts: tuple[str, ...] = ()


def run(settings: Settings, door: Door) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP; gives the exit code.

    Raises UsageError for a door that cannot be, EdgeError for a port that is taken, ConfigError for a bad login.
    """
    address = _readable(settings)
    bearer = None if door.token_file is None else read_token(door.token_file)
    hosts = Hosts(door.allow_hosts)
    door_address = address_of(door.host, door.port, has_token=bearer is not None)
    faulthandler.enable()  # the SIGABRT of systemd's watchdog says where every thread was
    with listening_socket(door_address) as listener:
        url = url_of(door.host, listener.getsockname()[1])

        async def serve() -> None:
            feed = Feed(asyncio.get_running_loop())
            subscriber = Subscriber(address, settings.mqtt, settings.device_id, feed)
            app = Gate(make_app(feed, subscriber, settings.device_id), hosts, bearer)
            await _Server(app, feed, subscriber, url).serve_on(listener)

        asyncio.run(serve())
    return 0


class _Server(uvicorn.Server):
    """uvicorn's, which tells the service manager how it goes, and ends with exit code 0 when it is asked to."""

    def __init__(self, app: Gate, feed: Feed, subscriber: Subscriber, url: str) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=PatientProtocol,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MOST_CONNECTIONS,
                timeout_graceful_shutdown=_GRACE_S,
                timeout_notify=1,
                callback_notify=self._tell,
            )
        )
        self._feed = feed
        self._subscriber = subscriber
        self._url = url
        self._manager = ServiceManager(MonotonicClock())

    async def serve_on(self, listener: socket.socket) -> None:
        """Until a signal ends it."""
        self._subscriber.start()
        try:
            _log.info("serving on %s", self._url)
            await self.serve(sockets=[listener])
        finally:
            self._manager.stopping()
            self._subscriber.stop()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Instead of uvicorn's, which raises the signal anew at the end."""
        loop, numbers = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, self._leave)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _leave(self) -> None:
        self.force_exit = self.should_exit  # the second time at once
        self.should_exit = True
        self._feed.close()

    async def _tell(self) -> None:
        """Every second, from when it serves."""
        self._manager.ready()
        if self._subscriber.alive:
            self._manager.alive()
        readers = self._feed.readers
        self._manager.status(f"serving on {self._url}, {self._subscriber.link.in_words}, {readers} live clients")


def _readable(settings: Settings) -> BrokerAddress:
    address = parse_broker(settings.broker)
    if address.kind == "embedded":  # where the daemon's own listens, unless that port was taken
        return parse_broker("mqtt://127.0.0.1:1883")
    if address.kind == "none":
        raise UsageError(
            "broker is 'none', where nothing can be read: name the one that the device publishes to, like "
            "--broker mqtt://localhost."
        )
    return address
