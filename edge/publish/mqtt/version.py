"""Which MQTT version to speak with this broker."""

from __future__ import annotations

PATIENCE_S = (3.0, 30.0)
TRY_5_AGAIN_S = 600.0


class VersionChoice:
    """MQTT 5 unless it is refused: in words, by hanging up, or by a broker that does not answer.

    amqtt, for one, waits for the rest of a CONNECT of MQTT 5 with a will: nothing comes back at all. A broker that was
    only slow, or has learnt MQTT 5 since, is asked for it again after a loss, ten minutes later at the earliest.
    """

    def __init__(self, *, only_3: bool = False) -> None:
        self.mqtt5 = not only_3
        self._only_3 = only_3
        self._settled = only_3
        self._patience_s = PATIENCE_S[0]
        self._failed: set[bool] = set()
        self._fell_back_at = 0.0

    @property
    def patience_s(self) -> float | None:
        """How long a CONNECT may stay without an answer; None: no other version is worth a try."""
        return None if self._settled else self._patience_s

    def answered(self) -> None:
        """The broker understood this version."""
        self._settled = True
        self._failed.clear()
        self._patience_s = PATIENCE_S[0]

    def failed(self, now_s: float, *, refused: bool) -> bool:
        """This version was refused, or got no answer: change; gives whether the other one may be tried at once."""
        if self._only_3 or (self._settled and not refused):
            return False
        self._settled = False
        self._failed.add(self.mqtt5)
        self.mqtt5 = not self.mqtt5
        if not self.mqtt5:
            self._fell_back_at = now_s
        if self.mqtt5 not in self._failed:
            return True
        self._failed.clear()
        self._patience_s = min(2 * self._patience_s, PATIENCE_S[1])
        return False

    def lost(self, now_s: float) -> None:
        """A connection has ended; the next may be with a newer broker."""
        if not self._only_3 and not self.mqtt5 and now_s - self._fell_back_at > TRY_5_AGAIN_S:
            self.mqtt5, self._settled = True, False
