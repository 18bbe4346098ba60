"""Sound for the tests: a synthetic voice where espeak-ng is installed, and noise."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from edge.samples import RATE_HZ, Floats


@lru_cache(maxsize=1)
def spoken() -> Floats:
    """Half a second of silence, then a spoken sentence of some seconds, peak 0.5."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voice.wav"
        text = "The kids are talking by the door, and the dogs are sitting by the window."
        subprocess.run(["espeak-ng", "-w", str(path), text], check=True, timeout=20)
        sound, rate = soundfile.read(path, dtype="float32")
    sound = resample_poly(sound, RATE_HZ, rate)
    sound = np.concatenate([np.zeros(RATE_HZ // 2), 0.5 * sound / np.abs(sound).max()])
    return np.asarray(sound, np.float32)


def noise(seconds: float, rms: float, seed: int = 0) -> Floats:
    """White noise."""
    rng = np.random.default_rng(seed)
    return np.asarray(rms * rng.standard_normal(round(seconds * RATE_HZ)), np.float32)


def tone(seconds: float, hz: float, rms: float) -> Floats:
    """A sine."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.asarray(rms * np.sqrt(2.0) * np.sin(2 * np.pi * hz * t), np.float32)


def cut(sound: Floats, sizes: list[int]) -> list[Floats]:
    """The sound in chunks of these sizes, over and over."""
    chunks, begin = [], 0
    while begin < len(sound):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(sound[begin : begin + size])
        begin += size
    return chunks
