"""Whether what we publish still comes back to us."""

from __future__ import annotations

ECHO_S = 8.0
_NEVER_S = 30.0


class Heartbeat:
    """Watches the echo of one topic, which we publish on and have subscribed to.

    An echo that has come once on this connection and then stays out means that nothing gets through any more, whatever
    the socket says. One that has never come means that the broker does not let us read there: no reason to hang up.
    """

    def __init__(self) -> None:
        self._proven = False
        self._waiting_since: float | None = None
        self._complained = False

    def begin(self) -> None:
        """A new connection: nothing is known about it."""
        self._proven, self._waiting_since = False, None

    def sent(self, now_s: float) -> None:
        """A message left on the topic; what counts is the first one without an echo."""
        if self._waiting_since is None:
            self._waiting_since = now_s

    def heard(self, *, echo: bool) -> None:
        """Something came: an `echo`, or any other message, which shows as well that the line is open."""
        self._proven = self._proven or echo
        self._waiting_since = None

    def is_dead(self, now_s: float) -> bool:
        """Whether an echo that must come has not come for 8 s."""
        return self._proven and self._waiting_since is not None and now_s - self._waiting_since > ECHO_S

    def is_missing(self, now_s: float) -> bool:
        """Whether no echo ever came on this connection, for half a minute; told once."""
        waits = not self._proven and self._waiting_since is not None and now_s - self._waiting_since > _NEVER_S
        if not waits or self._complained:
            return False
        self._complained = True
        return True
