"""`GET /healthz`: whether results can come, and in words why not."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from edge.web.feed import Feed
from edge.web.subscriber import Subscriber


class Broker(BaseModel):
    """How it stands with the broker."""

    state: str = Field(description="connecting, connected, or what is wrong in a word", examples=["connected"])
    reason: str = Field(description="the same in a sentence", examples=["connected to mqtt://localhost:1883 (MQTT 5)"])


class Device(BaseModel):
    """What the device has said; null where it has said nothing yet."""

    id: str = Field(examples=["desk"])
    available: str | None = Field(description="online, stopped or offline", examples=["online"])
    enabled: str | None = Field(description="the privacy switch: ON or OFF", examples=["ON"])
    video: str | None = Field(description="online, degraded, offline or disabled", examples=["online"])
    audio: str | None = Field(description="the same of the microphone", examples=["online"])
    engine: str | None = Field(description="the same of the engine", examples=["online"])
    silence_s: float | None = Field(description="seconds since its last message", examples=[0.2])


class Health(BaseModel):
    """The answer of /healthz."""

    model_config = ConfigDict(title="Health")

    status: Literal["ok", "waiting", "no broker"] = Field(description="waiting: for the device to come online")
    broker: Broker
    device: Device
    live_clients: int = Field(description="who listens to /live now", ge=0, examples=[1])
    version: str = Field(examples=["0.1.0"])


def health_of(subscriber: Subscriber, feed: Feed, device_id: str, version: str) -> Health:
    """The state of the moment."""
    link, available = subscriber.link, _word(feed, "available")
    if link.state != "connected":
        status: Literal["ok", "waiting", "no broker"] = "no broker"
    else:
        status = "ok" if available == "online" else "waiting"
    silence_s = feed.silence_s
    return Health(
        status=status,
        broker=Broker(state=link.state, reason=link.reason),
        device=Device(
            id=device_id,
            available=available,
            enabled=_word(feed, "enabled/state"),
            video=_word(feed, "status/video"),
            audio=_word(feed, "status/audio"),
            engine=_word(feed, "status/engine"),
            silence_s=None if silence_s is None else round(silence_s, 1),
        ),
        live_clients=feed.readers,
        version=version,
    )


def _word(feed: Feed, name: str) -> str | None:
    word = feed.latest(name)
    return word if isinstance(word, str) else None
