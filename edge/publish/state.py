"""The slow view for automations: one smoothed emotion, published on change, and the events around it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from edge.clock import NS_PER_S
from edge.publish.message import RunIdentity, area, envelope, leading_face
from edge.publish.payload import clean, rounded
from edge.publish.presence import Presence
from edge.publish.sink import Message
from edge.samples import EMOTIONS, Result

REPEAT_NS = 16 * NS_PER_S  # 20 s are promised; less what passes before anybody looks when results stay out
FORGET_NS = 5 * NS_PER_S
SMOOTH_S = 1.0
PAUSE_NS = NS_PER_S
_LABEL_MARGIN = 0.05  # a new label must lead by this much, so that two equal ones do not take turns
_LEAD_RATIO = 1.2  # and a new face must be this much larger
_SIGNALS = ("uncertain", "valence", "arousal")
_CHANGES = ("emotion", "uncertain", "source", "track", "speaking", "voice_emotion")


@dataclass(frozen=True)
class Update:
    """What one step calls for: a state to publish (or None) and events, in order."""

    state: Message | None
    events: list[Message] = field(default_factory=list)


@dataclass
class _Mind:
    """Exponentially smoothed evidence about one face or voice."""

    source: str
    track: int | None
    t_ns: int
    values: dict[str, float]
    emotion: str
    uncertain: bool
    spoke_ns: int | None = None

    def speaking(self, t_ns: int) -> bool:
        """Whether speech was heard within the last PAUSE_NS: the pauses between words are no silence."""
        return self.spoke_ns is not None and t_ns - self.spoke_ns < PAUSE_NS

    def blend(self, t_ns: int, values: dict[str, float]) -> None:
        """First-order low pass with time constant SMOOTH_S, then label and flag with hysteresis."""
        weight = 1.0 - math.exp(-max(0, t_ns - self.t_ns) / NS_PER_S / SMOOTH_S)
        self.t_ns = t_ns
        for key, value in values.items():
            old = self.values[key]
            self.values[key] = value if math.isnan(old) else old if math.isnan(value) else old + weight * (value - old)
        best = max(EMOTIONS, key=self.values.__getitem__)
        if self.values[best] >= self.values[self.emotion] + _LABEL_MARGIN:
            self.emotion = best
        self.uncertain = self.values["uncertain"] > (0.4 if self.uncertain else 0.6)


class StateFollower:
    """Follows the leading face (largest box), or else the voice, from message to message."""

    def __init__(self, identity: RunIdentity) -> None:
        self._identity = identity
        self._presence = Presence(identity)
        self._mind: _Mind | None = None
        self._heard: _Mind | None = None
        self._published: Message | None = None

    def step(self, t_ns: int, message: Message | None = None, result: Result | None = None) -> Update:
        """Take the newest message, or only the time (`t_ns`, monotonic) when there is none.

        `result` is what the message was made of: it alone knows the voice's valence and arousal.
        """
        events = self._presence.step(t_ns, message)
        evidence = self._evidence(message, result) if message else None
        if evidence:
            self._mind = _follow(self._mind, t_ns, *evidence)
        elif self._mind and t_ns - self._mind.t_ns >= FORGET_NS:
            self._mind = None
        self._listen(t_ns, message)
        return self._update(t_ns, events)

    def clear(self, t_ns: int) -> Update:
        """Switched off or stopping: `emotion: null` at once, always as a state to publish."""
        self._mind = self._heard = None
        events = self._presence.clear(t_ns)
        update = self._update(t_ns, events)
        return update if update.state else Update(self._publish(t_ns), update.events)

    def _evidence(self, message: Message, result: Result | None) -> tuple[str, int | None, Message] | None:
        face = self._leader(message)
        if face is not None:
            return "face", face["track"], face
        mind, voice = self._mind, message["voice"]
        if mind and mind.source == "face" and mind.track in self._presence.tracks:
            return None  # a face that is missed for a moment keeps its place
        if voice["present"] and _known(voice):
            heard = result.voice.verdict if result else None
            affect = {"valence": heard.valence, "arousal": heard.arousal} if heard else {}
            return "voice", None, {**voice, **clean(affect), "speaking": True}
        return None

    def _listen(self, t_ns: int, message: Message | None) -> None:
        """Each utterance is judged for itself, whoever leads."""
        voice = message["voice"] if message else None
        if voice and voice["present"] and _known(voice):
            self._heard = _follow(self._heard, t_ns, "voice", voice["utterance"], voice)
        elif self._heard and t_ns - self._heard.t_ns >= FORGET_NS:
            self._heard = None

    def _leader(self, message: Message) -> Message | None:
        largest = leading_face(message)
        if largest is None or not _known(largest):
            return None
        for face in message["faces"]:
            held = self._mind is not None and self._mind.source == "face" and face["track"] == self._mind.track
            if held and _known(face) and area(largest) < _LEAD_RATIO * area(face):
                return dict(face)
        return largest

    def _update(self, t_ns: int, events: list[Message]) -> Update:
        old, new = self._published, self._state(t_ns)
        if old is not None and all(old[key] == new[key] for key in _CHANGES) and t_ns - old["t_ns"] < REPEAT_NS:
            return Update(None, events)
        before = old["emotion"] if old else None
        if before != new["emotion"]:
            change = {"type": "change", "from": before, "to": new["emotion"]}
            events.append({**envelope(self._identity, t_ns), **change, "source": new["source"], "track": new["track"]})
        self._published = new
        return Update(new, events)

    def _publish(self, t_ns: int) -> Message:
        self._published = self._state(t_ns)
        return self._published

    def _state(self, t_ns: int) -> Message:
        mind = self._mind
        voice_emotion = self._heard.emotion if self._heard else None
        if mind is None:
            return {**blank_state(self._identity, t_ns), "voice_emotion": voice_emotion}
        return {
            **envelope(self._identity, t_ns),
            "source": mind.source,
            "track": mind.track,
            "emotion": mind.emotion,
            "confidence": round(mind.values[mind.emotion], 4),
            "uncertain": mind.uncertain,
            "valence": rounded(mind.values["valence"], 4),
            "arousal": rounded(mind.values["arousal"], 4),
            "probabilities": {name: round(mind.values[name], 4) for name in EMOTIONS},
            "speaking": mind.speaking(t_ns),
            "voice_emotion": voice_emotion,
        }


def blank_state(identity: RunIdentity, t_ns: int) -> Message:
    """The state that knows nothing: nobody there, switched off, or stopped."""
    unknown = dict.fromkeys(("source", "track", "emotion", "confidence", "uncertain", "valence", "arousal"))
    unheard = {"probabilities": dict.fromkeys(EMOTIONS), "speaking": None, "voice_emotion": None}
    return {**envelope(identity, t_ns), **unknown, **unheard}


def _follow(mind: _Mind | None, t_ns: int, source: str, track: int | None, judged: Message) -> _Mind:
    """`mind` with this evidence blended in, or a new one when it is about somebody else."""
    signals = {key: math.nan if judged.get(key) is None else float(judged[key]) for key in _SIGNALS}
    values = {**judged["probabilities"], **signals}
    if mind is None or (mind.source, mind.track) != (source, track):
        mind = _Mind(source, track, t_ns, values, judged["emotion"], bool(judged["uncertain"]))
    else:
        mind.blend(t_ns, values)
    if judged.get("speaking"):
        mind.spoke_ns = t_ns
    return mind


def _known(judged: Message) -> bool:
    return judged["emotion"] is not None and None not in judged["probabilities"].values()
