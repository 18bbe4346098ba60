"""Who came and went: the events `face_in`, `face_out` and `utterance_end` of a run of messages."""

from __future__ import annotations

from edge.clock import NS_PER_S
from edge.publish.message import RunIdentity, envelope
from edge.publish.sink import Message

FACE_GONE_NS = NS_PER_S


class Presence:
    """Follows tracks and utterances. A face is out when it has not been seen for one second."""

    def __init__(self, identity: RunIdentity) -> None:
        self._identity = identity
        self._seen_ns: dict[int, int] = {}
        self._utterance: Message | None = None
        self._last_ended = -1

    @property
    def tracks(self) -> frozenset[int]:
        """The faces that are in."""
        return frozenset(self._seen_ns)

    def step(self, t_ns: int, message: Message | None) -> list[Message]:
        """The events of one window, or of a moment without one (`message` None)."""
        events = []
        for face in message["faces"] if message else ():
            if face["track"] not in self._seen_ns:
                events.append(self._event("face_in", t_ns, track=face["track"]))
            self._seen_ns[face["track"]] = t_ns
        for track in [track for track, seen_ns in self._seen_ns.items() if t_ns - seen_ns >= FACE_GONE_NS]:
            del self._seen_ns[track]
            events.append(self._event("face_out", t_ns, track=track))
        if message:
            events += self._follow_utterance(t_ns, message["voice"])
        return events

    def clear(self, t_ns: int) -> list[Message]:
        """Everybody leaves at once: the privacy switch, or the end of the run."""
        events = [self._event("face_out", t_ns, track=track) for track in self._seen_ns]
        self._seen_ns.clear()
        return events + self._end_utterance(t_ns)

    def _follow_utterance(self, t_ns: int, voice: Message) -> list[Message]:
        number = voice["utterance"]
        events: list[Message] = []
        if self._utterance is not None and number != self._utterance["utterance"]:
            events = self._end_utterance(t_ns)
        # A number that has ended stays ended: one utterance, one event.
        if number is not None and number > self._last_ended and voice["emotion"] is not None:
            self._utterance = voice
        return events

    def _end_utterance(self, t_ns: int) -> list[Message]:
        voice, self._utterance = self._utterance, None
        if voice is None:
            return []
        self._last_ended = voice["utterance"]
        kept = ("utterance", "seconds", "emotion", "confidence", "uncertain", "probabilities")
        return [self._event("utterance_end", t_ns, **{key: voice[key] for key in kept})]

    def _event(self, kind: str, t_ns: int, **fields: object) -> Message:
        return {**envelope(self._identity, t_ns), "type": kind, **fields}
