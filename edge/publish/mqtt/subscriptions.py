"""What we listen to, and what is in the way of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

_log = logging.getLogger(__name__)


class Subscriptions:
    """Hands each message to the handler of its topic; each complaint is one line for the whole run."""

    def __init__(
        self, handlers: Mapping[str, Callable[[bytes, bool], None]], echo_topic: str | None, broker: str
    ) -> None:
        self._handlers = handlers
        self._echo_topic = echo_topic
        self._broker = broker
        self._complained: set[str] = set()

    def deliver(self, topic: str, payload: bytes, retained: bool) -> None:
        """Call the handler; one that fails does not end the connection."""
        handler = self._handlers.get(topic)
        if handler is None:
            return
        try:
            handler(payload, retained)
        except Exception as error:
            self._warn(topic, f"a message on {topic} made us fail ({type(error).__name__}: {error})")
            _log.debug("where it failed", exc_info=True)

    def refused(self, topic: str, words: str) -> None:
        """The broker does not let this login read `topic`."""
        if topic == self._echo_topic:
            self.no_echo()
            return
        loss = (
            "the privacy switch does not work" if topic.endswith("/enabled/set") else "what is said there is not heard"
        )
        self._warn(
            f"refused {topic}",
            f"{self._broker} does not let us read {topic} ({words}): {loss} over this broker; "
            "allow this login to read it",
        )

    def no_echo(self) -> None:
        """What we publish does not come back to us."""
        self._warn(
            "echo",
            f"{self._broker} does not send us what we publish on {self._echo_topic}; allow this login to read it, so "
            "that a dead connection is noticed sooner",
        )

    def _warn(self, about: str, text: str) -> None:
        if about not in self._complained:
            self._complained.add(about)
            _log.warning("%s", text)
