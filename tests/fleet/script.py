"""What a device will say, made beforehand by the project's own code, and stamped anew when it is said."""

from __future__ import annotations

from dataclasses import dataclass

from edge.clock import NS_PER_S
from edge.publish.message import RunIdentity, emotion_message
from edge.publish.payload import encode
from edge.publish.state import StateFollower
from tests.fleet.scene import Scene

# Of the usual lengths, so that sizes stay true; no message holds them by chance.
NAME = "device-0000"
SEQ = 987654
T_NS = 812345678901234


@dataclass(frozen=True)
class Moment:
    """One window: the result, the events, and the state when it is due."""

    result: str
    events: tuple[str, ...]
    state: str | None


def stamp(text: str, name: str, seq: int, t_ns: int) -> str:
    """The same payload from this device, now: only `device`, `seq` and `t_ns` differ."""
    named = text.replace(f'"device":"{NAME}"', f'"device":"{name}"', 1)
    return named.replace(f'"seq":{SEQ}', f'"seq":{seq}', 1).replace(f'"t_ns":{T_NS}', f'"t_ns":{t_ns}', 1)


def script(seed: int, rate_hz: float, seconds: float = 20.0) -> list[Moment]:
    """`seconds` of one scene, to be said over and over."""
    identity = RunIdentity.fresh(NAME, "9f2c01ab")
    scene, follower = Scene(seed), StateFollower(identity)
    moments = []
    for tick in range(max(1, round(seconds * rate_hz))):
        t_ns = round((1.0 + tick / rate_hz) * NS_PER_S)
        seen = scene.look(t_ns)
        message = emotion_message(seen, identity, seq=SEQ, now_ns=t_ns)
        update = follower.step(t_ns, message, seen)
        events = tuple(encode({**event, "t_ns": T_NS}) for event in update.events)
        state = encode({**update.state, "t_ns": T_NS}) if update.state else None
        moments.append(Moment(encode({**message, "t_ns": T_NS}), events, state))
    return moments
