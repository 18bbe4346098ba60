"""The channels of the result stream: names, units, and one sample of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from edge.publish.message import leading_face
from edge.publish.sink import Message
from edge.samples import EMOTIONS, Result

_FACE = ("valence", "arousal", "confidence", "uncertain", "speaking_score", *EMOTIONS)
_VOICE = ("valence", "arousal", "confidence", "uncertain", *EMOTIONS)
_UNITS = {"uncertain": "boolean", "valence": "normalized", "arousal": "normalized"}
_KINDS = {"valence": "Valence", "arousal": "Arousal"}


@dataclass(frozen=True)
class Channel:
    """One channel as its stream describes it."""

    label: str
    unit: str
    kind: str


def _judged(source: str, names: tuple[str, ...]) -> list[Channel]:
    return [
        Channel(f"{source}_{name}", _UNITS.get(name, "probability"), _KINDS.get(name, "Probability")) for name in names
    ]


CHANNELS = (
    Channel("faces", "count", "Count"),
    Channel("face_track", "id", "Identifier"),
    *_judged("face", _FACE),
    *_judged("voice", _VOICE),
    Channel("audio_lag_ms", "milliseconds", "Lag"),
    Channel("audio_lag_ci_ms", "milliseconds", "Lag"),
    Channel("latency_ms", "milliseconds", "Latency"),
    Channel("deadline_missed", "boolean", "Flag"),
)
"""`face_…` is the face with the largest box."""


def sample(message: Message, result: Result) -> list[float]:
    """One float for each of CHANNELS; NaN is what nobody knows."""
    face: Message = leading_face(message) or {}
    heard = result.voice.verdict
    voice = {**message["voice"], "valence": heard.valence, "arousal": heard.arousal} if heard else {}
    sync = message["sync"]
    values = [
        len(message["faces"]),
        face.get("track"),
        *_values(face, _FACE),
        *_values(voice, _VOICE),
        sync["audio_lag_ms"],
        sync["audio_lag_ci_ms"],
        message["window"]["latency_ms"]["newest"],
        sync["deadline_missed"],
    ]
    return [math.nan if value is None else float(value) for value in values]


def _values(judged: Message, names: tuple[str, ...]) -> list[Any]:
    probabilities = judged.get("probabilities", {})
    return [probabilities.get(name) if name in EMOTIONS else judged.get(name) for name in names]
