"""Whether what we say is still answered."""

from __future__ import annotations

ANSWER_S = 8.0
NEVER_S = 30.0


class Heartbeat:
    """Watches one kind of answer: the echo of a topic that we publish on and have subscribed to, or that of a ping.

    An answer that has come once on this connection and then stays out means that nothing gets through any more,
    whatever the socket says. An echo that has never come means that the broker does not let us read there: no reason
    to hang up.
    """

    def __init__(self) -> None:
        self._proven = False
        self._waiting_since: float | None = None
        self._complained = False

    def begin(self) -> None:
        """A new connection: nothing is known about it."""
        self._proven, self._waiting_since = False, None

    def sent(self, now_s: float) -> None:
        """Something to be answered left; what counts is the first one without an answer."""
        if self._waiting_since is None:
            self._waiting_since = now_s

    def answered(self) -> None:
        """The answer came."""
        self._proven, self._waiting_since = True, None

    def alive(self) -> None:
        """Something else came, which shows as well that the line is open."""
        if self._proven:
            self._waiting_since = None

    def is_dead(self, now_s: float) -> bool:
        """Whether an answer that must come has not come for 8 s."""
        return self._proven and self._waiting_since is not None and now_s - self._waiting_since > ANSWER_S

    def is_missing(self, now_s: float) -> bool:
        """Whether no answer ever came on this connection, for half a minute; told once."""
        waits = not self._proven and self._waiting_since is not None and now_s - self._waiting_since > NEVER_S
        if not waits or self._complained:
            return False
        self._complained = True
        return True


class VitalSigns:
    """The heartbeats of one connection: the echo of `echo_topic`, and the answers to pings."""

    def __init__(self, echo_topic: str | None) -> None:
        self.echo, self.pong = Heartbeat(), Heartbeat()
        self._echo_topic = echo_topic

    def begin(self) -> None:
        """A new connection."""
        self.echo.begin()
        self.pong.begin()

    def published(self, topic: str, now_s: float) -> None:
        """A message left."""
        if topic == self._echo_topic:
            self.echo.sent(now_s)

    def heard(self, topic: str, retained: bool) -> None:
        """A message came; one that is retained may come from an earlier life."""
        self.pong.alive()
        if topic != self._echo_topic:
            self.echo.alive()
        elif not retained:
            self.echo.answered()

    def ponged(self) -> None:
        """A ping was answered."""
        self.pong.answered()
        self.echo.alive()

    def are_gone(self, now_s: float) -> bool:
        """Whether the connection is dead."""
        return self.echo.is_dead(now_s) or self.pong.is_dead(now_s)
