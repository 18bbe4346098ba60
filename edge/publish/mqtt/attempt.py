"""One attempt to connect: what it starts from, what it reports, and how it can end."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Protocol

from edge.publish.mqtt.broker_url import BrokerAddress
from edge.publish.mqtt.login import Login

UNSUPPORTED_VERSION = 132


@dataclass(frozen=True)
class Ending:
    """How an attempt to connect, or a connection, came to its end.

    `refusal`: reason code (of MQTT 5) and words of a CONNACK that refused it. `error`: what the socket or TLS raised.
    `words`: what else is known. `silent`: nothing came for a whole keepalive. `taken_over`: the broker said that
    another client has this id now. `hung_up`: the other side has closed it without a word.
    """

    accepted: bool = False
    refusal: tuple[int, str] | None = None
    error: BaseException | None = None
    words: str = ""
    silent: bool = False
    taken_over: bool = False
    hung_up: bool = False


@dataclass(frozen=True)
class Dialling:
    """Whom to call, and as whom. The will is `offline` on `will_topic`; None is no will."""

    address: BrokerAddress
    client_id: str
    will_topic: str | None
    login: Login
    tls: ssl.SSLContext | None


class Reports(Protocol):
    """Whom a client tells, in its network thread."""

    def asked(self) -> None:
        """The socket stands and CONNECT is on its way."""

    def accepted(self) -> None:
        """The broker has taken us."""

    def ended(self, ending: Ending) -> None:
        """It is over, once and for all."""

    def arrived(self, topic: str, payload: bytes, retained: bool) -> None:
        """A message came."""

    def not_heard(self, topic: str, words: str) -> None:
        """The broker refuses a subscription."""

    def not_taken(self, words: str) -> None:
        """The broker refuses a message."""

    def progressed(self) -> None:
        """A message was written or acknowledged."""

    def ponged(self) -> None:
        """A ping was answered."""
