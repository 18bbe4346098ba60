"""Random changes of training sounds: what differs between throats, rooms and recorders, not between emotions.

The static coefficients are a cosine transform of log mel spectra, and the deltas are linear in them, so a change of the
spectrum's frequency axis is one 40×40 matrix for statics, deltas and delta-deltas alike.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.fft import dct, idct
from torch import Tensor

from edge.features.mfcc import MEL_COUNT, MFCC_COUNT, mel_to_hz
from edge.samples import FEATURE_SIZE, RATE_HZ, WINDOW_FRAMES, Floats

WARP = 0.22
"""Most that the frequency axis is stretched or squeezed, as a natural logarithm: men and women differ by about 0.16."""
_WARP_STEPS = 41
_EQUALISER = 1.3
"""Deviation of the added spectrum, in deviations of the training speakers' mean spectra."""
_BAND_CHANCE, _WIDEST_BAND = 0.8, 12
_BLANK_CHANCE, _LONGEST_BLANK = 0.6, 25

_TO_MEL = idct(np.eye(MEL_COUNT)[:MFCC_COUNT], type=2, norm="ortho", axis=1).astype(np.float32)
"""(40, 64): coefficients to log mel bands; its transpose leads back."""


def augment_sound(sound: Floats, mask: Floats, speakers: Floats, random: np.random.Generator) -> tuple[Floats, Floats]:
    """(n, 100, 120) and (n, 100): another throat, another microphone, bands and frames blanked out.

    `speakers` (40,) is how much the mean of each static coefficient differs from speaker to speaker.
    """
    n = len(sound)
    matrices, flat = _warps(n, random), _blank_bands(n, random)
    level = (sound[:, :, :MFCC_COUNT] * mask[:, :, None]).sum(axis=1) / np.maximum(mask.sum(axis=1), 1.0)[:, None]
    offset = level[:, None] @ matrices @ flat  # a blank band keeps its mean over time
    offset += random.normal(0.0, _EQUALISER, (n, 1, MFCC_COUNT)) * speakers
    matrices = matrices - matrices @ flat
    blocks = sound.reshape(n, WINDOW_FRAMES * FEATURE_SIZE // MFCC_COUNT, MFCC_COUNT) @ matrices
    changed = np.asarray(blocks.reshape(sound.shape), np.float32)
    changed[:, :, :MFCC_COUNT] += offset.astype(np.float32)
    return changed, _blank_frames(mask, random)


def warp_matrix(factor: float) -> Floats:
    """(40, 40), to be multiplied from the right: what is at f moves to `factor` × f (Jaitly & Hinton 2013).

    The cepstrum has 40 of 64 coefficients, so this is the warp of a spectrum smoothed over frequency.
    """
    top_mel = 15.0 + 27.0 * np.log(RATE_HZ / 2000.0) / np.log(6.4)
    bands_hz = mel_to_hz(np.linspace(0.0, top_mel, MEL_COUNT + 2)[1:-1])
    source = np.interp(bands_hz / factor, bands_hz, np.arange(MEL_COUNT))
    below = np.clip(np.floor(source).astype(int), 0, MEL_COUNT - 2)
    weights = np.zeros((MEL_COUNT, MEL_COUNT))
    weights[below, np.arange(MEL_COUNT)] = 1.0 - (source - below)
    weights[below + 1, np.arange(MEL_COUNT)] = source - below
    return np.asarray(dct(_TO_MEL @ weights, type=2, norm="ortho", axis=1)[:, :MFCC_COUNT], np.float32)


_WARPS = np.stack([warp_matrix(float(np.exp(amount))) for amount in np.linspace(-WARP, WARP, _WARP_STEPS)])


def _warps(n: int, random: np.random.Generator) -> Floats:
    matrices: Floats = _WARPS[random.integers(0, _WARP_STEPS, n)]
    return matrices


def _blank_bands(n: int, random: np.random.Generator) -> Floats:
    """(n, 40, 40): what one or two bands of up to twelve mels contribute (Park et al. 2019, SpecAugment)."""
    taken = np.zeros((n, 1, MEL_COUNT), np.float32)
    for row in np.flatnonzero(random.random(n) < _BAND_CHANCE):
        for _ in range(random.integers(1, 3)):
            width = int(random.integers(2, _WIDEST_BAND + 1))
            low = int(random.integers(0, MEL_COUNT - width))
            taken[row, 0, low : low + width] = 1.0
    return np.asarray((_TO_MEL * taken) @ _TO_MEL.T, np.float32)


def _blank_frames(mask: Floats, random: np.random.Generator) -> Floats:
    mask = mask.copy()
    for row in np.flatnonzero(random.random(len(mask)) < _BLANK_CHANCE):
        length = int(random.integers(3, _LONGEST_BLANK + 1))
        start = int(random.integers(0, mask.shape[1] - length))
        mask[row, start : start + length] = 0.0
    return mask


def mix_windows(
    sound: Tensor, mask: Tensor, targets: Tensor, random: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Each window with another one laid over it, the targets in the same shares (Zhang et al. 2018, mixup)."""
    n = len(sound)
    other = torch.from_numpy(random.permutation(n))
    share = torch.from_numpy(random.beta(0.4, 0.4, n).astype(np.float32))
    mixed = share.view(-1, 1, 1) * sound + (1.0 - share).view(-1, 1, 1) * sound[other]
    return mixed, mask * mask[other], share.view(-1, 1) * targets + (1.0 - share).view(-1, 1) * targets[other]
