"""The demo clip's voice: sentences by espeak-ng, and how far a mouth would be open while they are said."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave

import numpy as np

from edge.errors import EdgeError
from edge.samples import Floats

SPEECH_RATE_HZ = 22_050  # espeak-ng's own
_SENTENCES = (
    "Hello there! What a wonderful morning.",
    "I am so happy to see you again!",
    "We did it, we really did it!",
    "Thank you, thank you so much!",
)
_LEAD_S, _PAUSE_S, _TAIL_S = 0.5, 0.3, 0.5
_ROOM_DBFS = -62.0
_ENVELOPE_S = 0.09
"""Lips do not follow single periods of the voice: its envelope is smoothed over about half a syllable."""


def make_speech() -> Floats:
    """All sentences with pauses between them, float32 mono at SPEECH_RATE_HZ. Raises EdgeError without espeak-ng."""
    parts = [_silence(_LEAD_S)]
    for sentence in _SENTENCES:
        parts += [_spoken(sentence), _silence(_PAUSE_S)]
    parts.append(_silence(_TAIL_S - _PAUSE_S))
    speech = np.concatenate(parts)
    speech *= 0.5 / max(float(np.max(np.abs(speech))), 1e-6)
    # No room is quite silent, and noise estimates do not like exact zeros.
    room = np.random.default_rng(1).normal(0.0, 10 ** (_ROOM_DBFS / 20), len(speech))
    return np.asarray(speech + room, dtype=np.float32)


def mouth_openings(speech: Floats, fps: int) -> Floats:
    """How far the mouth is open, 0 … 1, at each frame's moment n / fps: float32 (frames,)."""
    width = int(_ENVELOPE_S * SPEECH_RATE_HZ)
    kernel = np.hanning(width + 2)[1:-1]
    power = np.convolve(speech.astype(np.float64) ** 2, kernel / kernel.sum(), mode="same")
    level_db = 10 * np.log10(power + 1e-12)
    loudest_db = float(np.percentile(level_db, 97))
    # 30 dB under the loudest vowels lips are closed; the square leaves consonants small.
    opening = np.clip((level_db - loudest_db + 30) / 30, 0.0, 1.0) ** 2
    moments = np.arange(0, len(speech), SPEECH_RATE_HZ / fps).astype(int)
    return np.asarray(opening[moments], np.float32)


def _spoken(sentence: str) -> Floats:
    program = shutil.which("espeak-ng")
    if program is None:
        raise EdgeError("The demo clip needs espeak-ng for its voice: sudo apt-get install espeak-ng.")
    command = [program, "-v", "en-us+f3", "-s", "155", "-p", "60", "--stdout", sentence]
    try:
        spoken = subprocess.run(command, capture_output=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise EdgeError(f"espeak-ng could not speak ({error}): sudo apt-get install --reinstall espeak-ng.") from error
    return _pcm(spoken)


def _pcm(wav: bytes) -> Floats:
    with wave.open(io.BytesIO(wav)) as file:
        # A stream's header does not know its length: take what is there.
        data = file.readframes(len(wav))
    return np.asarray(np.frombuffer(data[: len(data) // 2 * 2], "<i2") / 32768, np.float32)


def _silence(seconds: float) -> Floats:
    return np.zeros(int(seconds * SPEECH_RATE_HZ), np.float32)
