"""The payload of `…/emotion`: one window's result as JSON types, every field always there."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass

import numpy as np

from edge.clock import NS_PER_MS, NS_PER_S, iso_time
from edge.clock_sync import clock_synced
from edge.publish.payload import rounded
from edge.publish.sink import Message
from edge.samples import EMOTIONS, FaceVerdict, Floats, Result, Sync, VoiceVerdict, Window

SCHEMA = 1
FACING_YAW_DEG = 25.0
_SESSION_LETTERS = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class RunIdentity:
    """Who speaks: `session` is random per run, `model` the first 8 digits of the student's sha256."""

    device: str
    session: str
    model: str | None = None

    @classmethod
    def fresh(cls, device: str, model: str | None = None) -> RunIdentity:
        """An identity for a run that starts now."""
        return cls(device, "".join(secrets.choice(_SESSION_LETTERS) for _ in range(6)), model)


def envelope(identity: RunIdentity, t_ns: int) -> Message:
    """The fields that open every JSON message but `stats`: who, in which run, and when."""
    return {
        "schema": SCHEMA,
        "device": identity.device,
        "session": identity.session,
        "time": iso_time(t_ns),
        "clock_synced": clock_synced(),
        "t_ns": int(t_ns),
    }


def emotion_message(result: Result, identity: RunIdentity, *, seq: int, now_ns: int) -> Message:
    """The payload for a live window that leaves at `now_ns` (CLOCK_MONOTONIC)."""
    window = result.window
    stretch = {
        "start": iso_time(window.start_ns),
        "end": iso_time(window.end_ns),
        "latency_ms": {"newest": _age_ms(window.newest_ns, now_ns), "oldest": _age_ms(window.oldest_ns, now_ns)},
    }
    return _message(result, identity, seq, envelope(identity, window.end_ns), stretch)


def leaving_later(message: Message, waited_ms: float) -> Message:
    """The same when it leaves so long after it was made: both of its latencies have grown."""
    window = message["window"]
    ages = {name: None if age is None else round(age + waited_ms, 1) for name, age in window["latency_ms"].items()}
    return {**message, "window": {**window, "latency_ms": ages}}


def recording_message(result: Result, identity: RunIdentity, *, seq: int, origin_ns: int) -> Message:
    """The payload for a window of a recording that began at `origin_ns`: seconds instead of times, no latency."""
    window = result.window
    stretch = {
        "start": rounded((window.start_ns - origin_ns) / NS_PER_S, 3),
        "end": rounded((window.end_ns - origin_ns) / NS_PER_S, 3),
        "latency_ms": {"newest": None, "oldest": None},
    }
    return _message(result, identity, seq, {**envelope(identity, window.end_ns), "time": None}, stretch)


def leading_face(message: Message) -> Message | None:
    """The face with the largest box, None when nobody is in the picture."""
    return max(message["faces"], key=area, default=None)


def area(face: Message) -> float:
    """The share of the frame that a face of a message covers."""
    return float(face["box"][2] * face["box"][3])


def probabilities(values: Floats) -> dict[str, float | None]:
    """Seven numbers of four digits that sum to 1 within 1e-3; all None when one is not finite or all are zero.

    Errors: ValueError when there are not seven.
    """
    if len(values) != len(EMOTIONS):
        raise ValueError(f"{len(values)} probabilities for {len(EMOTIONS)} emotions")
    exact = np.clip(np.asarray(values, dtype=np.float64), 0.0, None)
    total = float(exact.sum())
    if not np.isfinite(total) or total <= 0.0:
        return dict.fromkeys(EMOTIONS)
    return {name: round(float(share), 4) for name, share in zip(EMOTIONS, exact / total, strict=True)}


def _message(result: Result, identity: RunIdentity, seq: int, head: Message, stretch: Message) -> Message:
    faces = [_face(verdict, result.window) for verdict in result.faces]
    return {
        **{key: head[key] for key in ("schema", "device", "session")},
        "seq": int(seq),
        **head,
        "model": identity.model,
        "window": stretch,
        "faces": sorted(faces, key=area, reverse=True),
        "voice": _voice(result.voice),
        "sync": _sync(result.window.sync),
    }


def _face(verdict: FaceVerdict, window: Window) -> Message:
    face, judged = verdict.window.face, verdict.verdict
    video = rounded(verdict.share_video, 4)
    audio = rounded(verdict.share_audio, 4)
    yaw = rounded(face.pose.yaw, 1)
    box = face.box.fractions(window.frame_width, window.frame_height)
    return {
        "track": int(face.track),
        "box": [min(1.0, max(0.0, rounded(side, 4) or 0.0)) for side in box],
        "pose": {"yaw": yaw, "pitch": rounded(face.pose.pitch, 1), "roll": rounded(face.pose.roll, 1)},
        "facing": None if yaw is None else abs(yaw) <= FACING_YAW_DEG,
        "speaking": bool(verdict.window.speaking),
        "speaking_score": rounded(verdict.window.speaking_score, 4),
        "emotion": judged.emotion,
        "confidence": rounded(judged.confidence, 4),
        "uncertain": bool(judged.uncertain),
        "reasons": list(judged.reasons),
        "basis": verdict.basis,
        "share": {"video": video, "audio": audio},
        "probabilities": probabilities(judged.probabilities),
        "valence": rounded(judged.valence, 4),
        "arousal": rounded(judged.arousal, 4),
    }


def _voice(voice: VoiceVerdict) -> Message:
    judged = voice.verdict
    return {
        "present": bool(voice.present),
        "utterance": None if voice.utterance is None else int(voice.utterance),
        "seconds": rounded(voice.seconds, 2),
        "emotion": judged.emotion if judged else None,
        "confidence": rounded(judged.confidence, 4) if judged else None,
        "uncertain": bool(judged.uncertain) if judged else None,
        "probabilities": probabilities(judged.probabilities) if judged else dict.fromkeys(EMOTIONS),
    }


def _sync(sync: Sync) -> Message:
    return {
        "method": sync.method,
        "audio_lag_ms": rounded(sync.audio_lag_ms, 1),
        "audio_lag_ci_ms": rounded(sync.audio_lag_ci_ms, 1),
        "lock": sync.lock,
        "drift_ppm": rounded(sync.drift_ppm, 1),
        "dtw_shift_ms": rounded(sync.dtw_shift_ms, 1),
        "interpolated": {
            "video": rounded(sync.interpolated_video, 4),
            "audio": rounded(sync.interpolated_audio, 4),
        },
        "waited_ms": rounded(sync.waited_ms, 1),
        "deadline_missed": bool(sync.deadline_missed),
    }


def _age_ms(t_ns: int | None, now_ns: int) -> float | None:
    return None if t_ns is None else round((now_ns - t_ns) / NS_PER_MS, 1)
