"""From logits to a verdict: calibration, abstention with reasons, and what each modality contributed."""

from __future__ import annotations

import numpy as np

from edge.infer.circumplex import valence_arousal
from edge.samples import EMOTIONS, Face, Floats, Verdict

SMALL_PX = 48.0
TURNED_DEG = 25.0
DARK_LEVEL = 45.0
BLURRED_BELOW = 20.0
NOISY_SNR_DB = 6.0
DISAGREE_CONFIDENCE = 0.5


def softmax(logits: Floats, temperature: float) -> Floats:
    """Calibrated probabilities along the last axis (temperature scaling, Guo et al. 2017)."""
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=-1, keepdims=True)
    powers = np.exp(scaled)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def verdict(probabilities: Floats, reasons: tuple[str, ...], uncertain_below: float) -> Verdict:
    """The verdict for calibrated `probabilities` (7,). Low confidence adds the reason `ambiguous`."""
    best = int(np.argmax(probabilities))
    confidence = float(probabilities[best])
    if confidence < uncertain_below:
        reasons = (*reasons, "ambiguous")
    valence, arousal = valence_arousal(probabilities)
    return Verdict(
        emotion=EMOTIONS[best],
        confidence=confidence,
        uncertain=bool(reasons),
        reasons=reasons,
        probabilities=probabilities,
        valence=valence,
        arousal=arousal,
    )


def face_reasons(face: Face) -> tuple[str, ...]:
    """What in the picture speaks against believing this face."""
    found = []
    if face.quality.width_px < SMALL_PX:
        found.append("small")
    if abs(face.pose.yaw) > TURNED_DEG:
        found.append("turned")
    if face.quality.brightness < DARK_LEVEL:
        found.append("dark")
    if face.quality.sharpness < BLURRED_BELOW:
        found.append("blurred")
    return tuple(found)


def sound_reasons(level_db: float, noise_db: float) -> tuple[str, ...]:
    """`noisy` when the voice stands out of the noise by less than NOISY_SNR_DB."""
    return ("noisy",) if level_db - noise_db < NOISY_SNR_DB else ()


def disagreement(video: Floats, audio: Floats) -> tuple[str, ...]:
    """`disagree` when both modalities are fairly sure of different emotions."""
    different = int(np.argmax(video)) != int(np.argmax(audio))
    sure = min(float(video.max()), float(audio.max())) >= DISAGREE_CONFIDENCE
    return ("disagree",) if different and sure else ()


def shares(both: Floats, without_video: Floats, without_audio: Floats) -> tuple[float, float]:
    """(video, audio): how much the winner's log-probability drops when that modality is masked, normalised to 1."""
    best = int(np.argmax(both))
    floor = 1e-6
    full = np.log(max(float(both[best]), floor))
    video = max(0.0, full - np.log(max(float(without_video[best]), floor)))
    audio = max(0.0, full - np.log(max(float(without_audio[best]), floor)))
    total = float(video + audio)
    if total < 1e-9:
        return 0.5, 0.5
    return float(video) / total, float(audio) / total
