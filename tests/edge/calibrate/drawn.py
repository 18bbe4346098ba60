"""Claps drawn and synthesised: where hands meet, and when it is heard, is known to the microsecond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from scipy.signal import butter, sosfilt

RATE_HZ = 16_000
SIZE = (320, 240)
_SHIFT = 4
_RESTING_PX = 80.0


@dataclass(frozen=True)
class Clap:
    """One clap: contact at `contact_s` of hands that come from `reach_px` each within `approach_s`."""

    contact_s: float
    reach_px: float = 80.0
    approach_s: float = 0.25
    power: float = 2.0
    """Way over time during the approach: 1 is even speed, 2 even acceleration."""
    hold_s: float = 0.25
    """Hands rest together; 0: they bounce off at `bounce` times the speed of the impact."""
    bounce: float = 0.3


@dataclass(frozen=True)
class Scene:
    """What stands before camera and microphone. The sound comes `lag_ms` later than the picture."""

    claps: tuple[Clap, ...]
    seconds: float = 6.0
    fps: float = 30.0
    phase: float = 0.0
    """Of the frame grid: the first frame is exposed around `phase / fps`."""
    lag_ms: float = 0.0
    exposure_s: float = 0.012
    sensor_noise: float = 3.0
    light: float = 0.0
    """Depth of a slow change of light, as a share."""
    talking_head: bool = False
    snr_db: float | None = None
    """Of a clap's first 20 ms over stationary noise."""
    speech_db: float | None = None
    """Level of speech beside, relative to a clap's first 20 ms."""
    clap_dbfs: float = -12.0
    silent: bool = False
    seed: int = 0
    size: float = 1.0
    """Of the person in the picture: 1 fills half of its height with hands and arms."""
    tilt: float = 0.3
    shares: tuple[float, float] = field(default=(1.0, 1.0))
    """How much of the way each hand makes."""


def random_scene(rng: np.random.Generator, **fixed: Any) -> Scene:
    """Three claps about a second apart, everything else within what webcams and people do."""
    begin = rng.uniform(1.0, 1.6)
    gaps = rng.uniform(0.75, 1.3, 3)
    bounce = rng.random() < 0.4
    reach_px = float(rng.uniform(45, 100))
    claps = tuple(
        Clap(
            contact_s=float(begin + gaps[:number].sum()),
            reach_px=reach_px,
            approach_s=float(rng.uniform(0.15, 0.35)),
            power=float(rng.uniform(1.3, 2.5)),
            hold_s=0.0 if bounce else float(rng.uniform(0.08, 0.4)),
            bounce=float(rng.uniform(0.15, 0.4)),
        )
        for number in range(3)
    )
    fps = float(fixed.pop("fps", rng.choice([25.0, 30.0])))
    scene = Scene(
        claps=claps,
        seconds=float(claps[-1].contact_s + 1.8),
        fps=fps,
        phase=float(rng.random()),
        lag_ms=float(rng.uniform(-250, 250)),
        exposure_s=float(rng.uniform(0.004, min(0.03, 0.9 / fps))),
        sensor_noise=float(rng.uniform(1.0, 6.0)),
        light=float(rng.choice([0.0, 0.1, 0.2])),
        talking_head=bool(rng.random() < 0.6),
        snr_db=float(rng.choice([30.0, 20.0, 10.0])),
        speech_db=None if rng.random() < 0.5 else -12.0,
        seed=int(rng.integers(1 << 30)),
        size=float(rng.uniform(0.4, 1.1)),
        tilt=float(rng.uniform(-0.5, 0.5)),
        shares=(1.0, float(rng.uniform(0.3, 1.0))),
    )
    return replace(scene, **fixed)


def half_gap_px(t_s: float, clap: Clap) -> float:
    """How far each hand is from where they meet."""
    before = clap.contact_s - t_s
    if before >= clap.approach_s:
        return clap.reach_px
    if before >= 0:
        return clap.reach_px * (1.0 - (1.0 - before / clap.approach_s) ** clap.power)
    if clap.hold_s == 0:
        speed = clap.bounce * clap.reach_px * clap.power / clap.approach_s
        return clap.reach_px * float(1 - np.exp(before * speed / clap.reach_px))
    parted = np.clip((-before - clap.hold_s) / 0.35, 0.0, 1.0)
    return clap.reach_px * float(parted**2 * (3 - 2 * parted))


def frames(scene: Scene) -> Iterator[tuple[float, np.ndarray]]:
    """Middle of the exposure in seconds, and the picture, BGR uint8."""
    rng = np.random.default_rng(scene.seed)
    background = _background(rng)
    textures = [rng.normal(0, 18, (28, 16)).astype(np.float32) for _ in range(2)]
    for number in range(int(scene.seconds * scene.fps)):
        t_s = (number + scene.phase) / scene.fps
        moments = t_s + scene.exposure_s * (np.arange(5) / 4 - 0.5)
        picture = np.mean([_draw(background, scene, moment, textures) for moment in moments], axis=0)
        picture *= 1.0 + scene.light * np.sin(2 * np.pi * 0.4 * t_s)
        picture += rng.normal(0, scene.sensor_noise, picture.shape)
        yield t_s, np.clip(picture, 0, 255).astype(np.uint8)


def sound(scene: Scene) -> np.ndarray:
    """float32 mono at RATE_HZ, from the picture's zero."""
    rng = np.random.default_rng(scene.seed + 1)
    samples = np.zeros(int(scene.seconds * RATE_HZ))
    burst = _burst(rng)
    head_rms = np.sqrt(np.mean(burst[: RATE_HZ // 50] ** 2))
    burst *= 10 ** (scene.clap_dbfs / 20) / head_rms
    for clap in () if scene.silent else scene.claps:
        first = round((clap.contact_s + scene.lag_ms / 1000) * RATE_HZ)
        loud = rng.uniform(0.6, 1.0)
        part = samples[max(0, first) : first + len(burst)]
        part += loud * burst[: len(part)]
    if scene.speech_db is not None:
        samples += _speech(rng, len(samples)) * 10 ** ((scene.clap_dbfs + scene.speech_db) / 20)
    if scene.snr_db is not None:
        samples += rng.normal(0, 10 ** ((scene.clap_dbfs - scene.snr_db) / 20), len(samples))
    return np.clip(samples, -1, 1).astype(np.float32)


def write_clip(path: Path, scene: Scene) -> Path:
    """An MP4 of the scene: H.264 at the frames' own moments, AAC."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=round(scene.fps), width=SIZE[0], height=SIZE[1], pix_fmt="yuv420p")
        video.options = {"preset": "ultrafast", "crf": "20"}
        video.codec_context.time_base = video.time_base = Fraction(1, 90_000)
        audio = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        for t_s, picture in frames(scene):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
            frame.time_base, frame.pts = Fraction(1, 90_000), round(t_s * 90_000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        samples = sound(scene)
        for first in range(0, len(samples), 1024):
            run = av.AudioFrame.from_ndarray(samples[None, first : first + 1024], format="fltp", layout="mono")
            run.sample_rate, run.time_base, run.pts = RATE_HZ, Fraction(1, RATE_HZ), first
            container.mux(audio.encode(run))
        container.mux(audio.encode(None))
    return path


def _background(rng: np.random.Generator) -> np.ndarray:
    coarse = rng.uniform(40, 200, (8, 10, 3)).astype(np.float32)
    return cv2.resize(coarse, SIZE, interpolation=cv2.INTER_CUBIC)


def _draw(background: np.ndarray, scene: Scene, t_s: float, textures: list[np.ndarray]) -> np.ndarray:
    picture = background.copy()
    middle_x, middle_y = SIZE[0] / 2, SIZE[1] * 0.62
    if scene.talking_head:
        head = np.array([middle_x + 3 * np.sin(2.1 * t_s), middle_y - 79 * scene.size + 2 * np.sin(1.7 * t_s)])
        mouth = 3 + 5 * abs(np.sin(2 * np.pi * 2.3 * t_s))
        _ellipse(picture, tuple(head), (34 * scene.size, 46 * scene.size), 0, (120, 150, 200))
        lips = (head[0], head[1] + 25 * scene.size)
        _ellipse(picture, lips, (13 * scene.size, mouth * scene.size), 0, (40, 40, 90))
    half = min((half_gap_px(t_s, clap) for clap in scene.claps), default=_RESTING_PX)
    direction = np.array([np.cos(scene.tilt), np.sin(scene.tilt)])
    for side, share, texture in zip((-1, 1), scene.shares, textures, strict=True):
        place = np.array([middle_x, middle_y]) + side * direction * (half * share + 9) * scene.size
        elbow = (int(middle_x + side * 130 * scene.size), int(middle_y + (SIZE[1] - middle_y) * scene.size))
        cv2.line(
            picture, (int(place[0]), int(place[1])), elbow, (60, 70, 110), max(1, round(22 * scene.size)), cv2.LINE_AA
        )
        angle = float(np.degrees(scene.tilt))
        _ellipse(picture, tuple(place), (11 * scene.size, 30 * scene.size), angle, (130, 160, 215))
        _texture(picture, place, texture[: round(24 * scene.size), : round(12 * scene.size)])
    return picture


def _ellipse(picture: np.ndarray, place: tuple, axes: tuple, angle: float, colour: tuple) -> None:
    unit = 1 << _SHIFT
    centre = (round(place[0] * unit), round(place[1] * unit))
    half = (round(axes[0] * unit), round(axes[1] * unit))
    cv2.ellipse(picture, centre, half, angle, 0, 360, colour, -1, cv2.LINE_AA, _SHIFT)


def _texture(picture: np.ndarray, place: np.ndarray, texture: np.ndarray) -> None:
    left, top = round(place[0]) - texture.shape[1] // 2, round(place[1]) - texture.shape[0] // 2
    part = picture[max(0, top) : top + texture.shape[0], max(0, left) : left + texture.shape[1]]
    if part.size:
        part += texture[: part.shape[0], : part.shape[1], None]


def _burst(rng: np.random.Generator) -> np.ndarray:
    """A clap: noise of 0.4–6 kHz that dies in some ms, and a room's tail."""
    t_s = np.arange(int(0.5 * RATE_HZ)) / RATE_HZ
    envelope = np.minimum(1.0, t_s / 0.0007) * np.exp(-t_s / rng.uniform(0.004, 0.009))
    envelope += (t_s > 0.003) * 0.12 * np.exp(-t_s / rng.uniform(0.03, 0.07))
    coloured = sosfilt(butter(2, (400.0, 6000.0), "bandpass", fs=RATE_HZ, output="sos"), rng.normal(0, 1, len(t_s)))
    return coloured * envelope


def _speech(rng: np.random.Generator, length: int) -> np.ndarray:
    """Pulses of a voice in syllables, and hissing between them; RMS 1."""
    t_s = np.arange(length) / RATE_HZ
    pitch_hz = 120 * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * t_s))
    phase = np.cumsum(pitch_hz) / RATE_HZ
    pulses = np.diff(np.floor(phase), prepend=0.0)
    voice = sum(
        sosfilt(butter(1, (f * 0.85, f * 1.15), "bandpass", fs=RATE_HZ, output="sos"), pulses) * gain
        for f, gain in ((600, 1.0), (1200, 0.6), (2500, 0.4))
    )
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * t_s + rng.uniform(0, 6)), 0, 1) ** 0.7
    hiss = sosfilt(butter(2, (3500.0, 7000.0), "bandpass", fs=RATE_HZ, output="sos"), rng.normal(0, 1, length))
    hisses = np.clip(np.sin(2 * np.pi * 3.1 * t_s + 3.5), 0, 1) ** 2 * (np.sin(2 * np.pi * 0.9 * t_s) > 0.3)
    both = voice / np.std(voice) * syllables + 0.25 * hiss / np.std(hiss) * hisses
    return both / np.sqrt(np.mean(both**2))
