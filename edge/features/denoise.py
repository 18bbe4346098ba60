"""Spectral gating by noisereduce's stationary method, on a stream and a running noise profile.

`noisereduce.reduce_noise` wants the whole recording and measures its noise again in each call (25 ms per 200 ms).
Here its gate is built once; the arithmetic of its `spectral_gating_stationary` is walked
frame by frame, and equals it sample for sample on the same profile.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.signal import convolve2d

from edge.errors import EdgeError
from edge.features.level import BAND_HZ, power_db
from edge.features.noise import NoiseProfile
from edge.features.voice import BLOCK_SAMPLES
from edge.samples import RATE_HZ, Floats

FFT_SAMPLES = 256
HOP_SAMPLES = 64
N_STD = 1.5
MASK_SMOOTH_HZ = 500
MASK_SMOOTH_MS = 4
"""One hop on each side: every hop more is 4 ms more delay."""
PROP_DECREASE = 0.8
DELAY_SAMPLES = FFT_SAMPLES + HOP_SAMPLES - 1
"""At most so many of the newest samples wait inside (20 ms)."""

Spectra = NDArray[np.complex128]
Reals = NDArray[np.float64]

_LEAD = FFT_SAMPLES - HOP_SAMPLES
_BLOCK_FRAMES = BLOCK_SAMPLES // HOP_SAMPLES
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Gate:
    """What noisereduce's stationary gate does: how far above the noise counts as sound, how much is left of the
    rest, and how the mask is smoothed (frames, frequencies).
    """

    n_std: float
    floor: float
    smoothing: Reals


def _gate_class() -> Any:
    """noisereduce's class. It imports torch where there is one (3 s, 200 MB) and needs none: hide it meanwhile."""
    hidden = "torch" not in sys.modules
    if hidden:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        # here, because the import takes more than a second
        from noisereduce.spectralgate.stationary import SpectralGateStationary
    finally:
        if hidden:
            del sys.modules["torch"]
    return SpectralGateStationary


def stationary_gate() -> Gate:
    """The gate of noisereduce for our sizes; EdgeError when the installed version has another shape."""
    try:
        silence = np.zeros(4 * FFT_SAMPLES)
        gate = _gate_class()(
            y=silence,
            sr=RATE_HZ,
            y_noise=silence,
            n_std_thresh_stationary=N_STD,
            chunk_size=None,
            clip_noise_stationary=False,
            padding=0,
            n_fft=FFT_SAMPLES,
            win_length=None,
            hop_length=HOP_SAMPLES,
            time_constant_s=2.0,
            freq_mask_smooth_hz=MASK_SMOOTH_HZ,
            time_mask_smooth_ms=MASK_SMOOTH_MS,
            tmp_folder=None,
            prop_decrease=PROP_DECREASE,
            use_tqdm=False,
            n_jobs=1,
        )
        # private, because its public functions gate whole recordings only
        smoothing = np.asarray(gate._smoothing_filter, np.float64).T  # noqa: SLF001
        floor = 1.0 - float(gate._prop_decrease)  # noqa: SLF001
        n_std = float(gate.n_std_thresh_stationary)
    except (ImportError, TypeError, AttributeError) as reason:
        message = f"noisereduce is missing or not version 3: pip install 'noisereduce>=3,<4' ({reason})."
        raise EdgeError(message) from reason
    if smoothing.ndim != 2 or len(smoothing) != 3:
        raise EdgeError(f"noisereduce smooths by {smoothing.shape}, not 3 frames: pip install 'noisereduce>=3,<4'.")
    return Gate(n_std, floor, smoothing)


class Denoiser:
    """The gate over a stream: what comes out is what went in, sample for sample, at most DELAY_SAMPLES later."""

    VOICE = 0.3
    """From this probability of speech on, a block and its neighbours are no noise."""

    def __init__(self) -> None:
        self._stationary = stationary_gate()
        self._window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FFT_SAMPLES) / FFT_SAMPLES)
        self._overlap = float(np.sum(self._window**2)) / HOP_SAMPLES
        bins_hz = np.fft.rfftfreq(FFT_SAMPLES, 1.0 / RATE_HZ)
        self._band = (bins_hz >= BAND_HZ[0]) & (bins_hz <= BAND_HZ[1])
        self._amplitude = float(np.sum(self._window))
        # Parseval: the mean square of one frame from one side of its spectrum
        self._to_power = 2.0 * self._amplitude**2 / (FFT_SAMPLES * float(np.sum(self._window**2)))
        self.profile = NoiseProfile(len(bins_hz))
        self.restart()

    def restart(self) -> None:
        """Begin a new stream in the same room: the profile stays."""
        bins = len(self._band)
        self._input: Reals = np.zeros(_LEAD)
        self._spectrum: Spectra = np.zeros((1, bins), np.complex128)
        self._masks: Reals = np.full((2, bins), self._stationary.floor if self.profile.known else 1.0)
        self._overlapping: Reals = np.zeros(_LEAD)
        self._skip = _LEAD + HOP_SAMPLES
        self._inside = 0
        self._voice: list[float] = [1.0, 1.0]  # the first block is half silence: never noise
        self._block: list[Reals] = []
        self._last_block: Reals | None = None

    def step(self, samples: Floats, voice: Floats) -> Floats:
        """Take finite samples (any number), and the probability of speech of each 512-sample block they complete.

        Returns the next denoised samples; the stream begins with the first sample that went in.
        """
        self._voice.extend(float(p) for p in voice)
        self._inside += len(samples)
        self._input = np.concatenate([self._input, samples])
        count = (len(self._input) - _LEAD) // HOP_SAMPLES
        pieces = [np.empty(0)]
        while count > 0:
            taken = min(count, _BLOCK_FRAMES - sum(map(len, self._block)))
            pieces.append(self._gate(taken))
            count -= taken
        denoised = np.concatenate(pieces)
        skipped = min(self._skip, len(denoised))
        self._skip -= skipped
        self._inside -= len(denoised) - skipped
        return denoised[skipped:].astype(np.float32)

    def finish(self) -> Floats:
        """End the stream: the samples that still waited inside. `restart` before the next step."""
        left = self._inside
        return self.step(np.zeros(DELAY_SAMPLES, np.float32), np.ones(1, np.float32))[:left]

    def _gate(self, count: int) -> Reals:
        """Gate the next `count` frames (all of one block), return HOP_SAMPLES for each."""
        frames = self._input[np.add.outer(np.arange(count) * HOP_SAMPLES, np.arange(FFT_SAMPLES))]
        spectra = rfft(frames * self._window, axis=1) / self._amplitude
        self._input = self._input[count * HOP_SAMPLES :]
        frames_db = 20.0 * np.log10(np.abs(spectra) + _EPS)
        masks = np.concatenate([self._masks, self._mask(frames_db)])
        smooth = convolve2d(masks, self._stationary.smoothing, mode="same")[1:-1]
        gated = np.concatenate([self._spectrum, spectra[:-1]]) * smooth
        self._masks, self._spectrum = masks[-2:], spectra[-1:]
        self._learn(frames_db)
        return self._overlap_add(gated)

    def _mask(self, frames_db: Reals) -> Reals:
        """1 where the sound is above the noise, 1 - PROP_DECREASE elsewhere; all 1 while the noise is unknown."""
        if not self.profile.known:
            return np.ones_like(frames_db)
        threshold_db = self.profile.mean_db + self._stationary.n_std * self.profile.std_db
        return np.where(frames_db > threshold_db, 1.0, self._stationary.floor)

    def _overlap_add(self, gated: Spectra) -> Reals:
        waves = irfft(gated * (self._amplitude / self._overlap), axis=1) * self._window
        hops = np.concatenate([self._overlapping, np.zeros(len(gated) * HOP_SAMPLES)]).reshape(-1, HOP_SAMPLES)
        for k in range(FFT_SAMPLES // HOP_SAMPLES):
            hops[k : k + len(gated)] += waves[:, k * HOP_SAMPLES : (k + 1) * HOP_SAMPLES]
        self._overlapping = hops[len(gated) :].ravel()
        return hops[: len(gated)].ravel()

    def _learn(self, frames_db: Reals) -> None:
        """At the end of a block, show the profile the one before it: now both its neighbours are judged."""
        self._block.append(frames_db)
        if sum(map(len, self._block)) < _BLOCK_FRAMES:
            return
        block = np.concatenate(self._block)
        if self._last_block is not None:
            power = np.mean(10.0 ** (self._last_block[:, self._band] / 10.0), axis=0).sum() * self._to_power
            voice = max(self._voice[:3]) >= self.VOICE
            self.profile.hear(self._last_block, float(power_db(np.array(power))), voice=voice)
        del self._voice[:1]
        self._block, self._last_block = [], block
