"""Worse light and worse rooms, stated in numbers: what the robustness figures are measured under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge.samples import RATE_HZ, Floats, Image

SNR_DB = 5.0
BABBLE_VOICES = 6
_FRAME_SAMPLES = RATE_HZ // 50
_ACTIVE_DB = 30.0


@dataclass(frozen=True)
class PictureNoise:
    """A dim, unsharp, strongly compressed picture of a face."""

    light: float = 0.35
    """Of the light that was there."""
    blur_px: float = 2.0
    """Deviation of the Gaussian blur, in pixels of a picture `width_px` wide."""
    width_px: int = 128
    jpeg_quality: int = 30

    def spoil(self, picture: Image) -> Image:
        """`picture` (h, w, 3) or (h, w), darkened, then blurred, then compressed."""
        blur_px = self.blur_px * picture.shape[1] / self.width_px
        spoiled = cv2.GaussianBlur((picture * self.light).astype(np.uint8), (0, 0), blur_px)
        _, stream = cv2.imencode(".jpg", spoiled, [cv2.IMWRITE_JPEG_QUALITY, self.jpeg_quality])
        flag = cv2.IMREAD_COLOR if picture.ndim == 3 else cv2.IMREAD_GRAYSCALE
        return np.asarray(cv2.imdecode(stream, flag), np.uint8)

    def __str__(self) -> str:
        """For the report."""
        return (
            f"{self.light:.0%} of the light, Gaussian blur of {self.blur_px:g} px on {self.width_px} px, "
            f"JPEG quality {self.jpeg_quality}"
        )


def pink_noise(n: int, random: np.random.Generator) -> Floats:
    """`n` samples whose power falls by 3 dB an octave above 50 Hz, as in rooms with fans and traffic."""
    spectrum = np.fft.rfft(random.standard_normal(n))
    frequency = np.fft.rfftfreq(n, 1.0 / RATE_HZ)
    return np.asarray(np.fft.irfft(spectrum / np.sqrt(np.maximum(frequency, 50.0)), n), np.float32)


def babble(n: int, voices: Sequence[Floats]) -> Floats:
    """`n` samples of all `voices` at equal power, each backwards and repeated: speech that nobody understands."""
    total = np.zeros(n)
    for voice in voices:
        total += np.resize(voice[::-1], n) / np.sqrt(active_power(voice))
    return total.astype(np.float32)


def mixed(speech: Floats, noise: Floats, snr_db: float = SNR_DB) -> Floats:
    """Speech with noise: the power of active speech is `snr_db` above the noise; turned down where it would clip."""
    noise_power = float(np.mean(np.square(noise, dtype=np.float64))) + 1e-20
    gain = np.sqrt(active_power(speech) / noise_power * 10.0 ** (-snr_db / 10.0))
    both = speech + gain * noise
    return np.asarray(both / max(1.0, float(np.abs(both).max(initial=0.0))), np.float32)


def active_power(speech: Floats) -> float:
    """Mean square over the 20 ms frames within 30 dB of the loudest one (pauses do not count; cf. ITU-T P.56)."""
    n = max(1, len(speech) // _FRAME_SAMPLES)
    power = np.array([np.mean(np.square(part, dtype=np.float64)) for part in np.array_split(speech, n)])
    return float(power[power >= power.max() * 10.0 ** (-_ACTIVE_DB / 10.0)].mean()) + 1e-20
