"""Small data sets in the form in which people download them; sounds and pictures are real, only short."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tests.clips import tone, write_clip, write_wav

RATE_HZ = 16_000


def picture(seed: int, side: int = 48) -> np.ndarray:
    """Gray noise: every seed another picture."""
    return np.random.default_rng(seed).integers(0, 256, (side, side)).astype(np.uint8)


def write_picture(path: Path, image: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)
    return path


def write_sound(path: Path, seconds: float = 0.5, rate_hz: int = RATE_HZ) -> Path:
    """A tone as WAV, or by the suffix as FLAC."""
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".wav":
        return write_wav(path, tone(seconds, rate_hz), rate_hz)
    soundfile.write(path, tone(seconds, rate_hz), rate_hz)
    return path


def write_film(path: Path, *, seconds: float = 1.0, with_sound: bool = True, video_delay_s: float = 0.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = tone(seconds + video_delay_s, RATE_HZ) if with_sound else None
    return write_clip(
        path, seconds=seconds, fps=25, size=(160, 120), sound=sound, rate_hz=RATE_HZ, video_delay_s=video_delay_s
    )


def touch(folder: Path, *names: str) -> Path:
    """Empty files: what a reader lists goes by names."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def fer2013_line(image: np.ndarray, emotion: object = 3, usage: str = "Training") -> str:
    return f"{emotion},{' '.join(map(str, image.reshape(-1)))},{usage}"


def write_fer2013(path: Path, lines: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["emotion,pixels,Usage", *lines]) + "\n", encoding="utf-8")
    return path
