"""Files of every kind that a user may hand over, made on the spot with PyAV: good ones and odd ones."""

from __future__ import annotations

import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

FLASH_S = 1.0
"""When the picture turns white and the click sounds, in clips made with `flash`."""


def tone(seconds: float, rate_hz: int, *, hz: float = 440.0, level: float = 0.3) -> np.ndarray:
    """A sine, float32."""
    return (level * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def click(seconds: float, rate_hz: int) -> np.ndarray:
    """Silence with 5 ms of tone at FLASH_S."""
    sound = np.zeros(int(seconds * rate_hz), np.float32)
    first = int(FLASH_S * rate_hz)
    sound[first : first + rate_hz // 200] = tone(0.005, rate_hz, hz=2000, level=0.8)
    return sound


def write_wav(path: Path, sound: np.ndarray, rate_hz: int) -> Path:
    """int16 PCM of float sound (n,) or (channels, n)."""
    channels = np.atleast_2d(sound)
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, rate_hz, 0, "NONE", ""))
        file.writeframes((np.clip(channels.T, -1, 32767 / 32768) * 32768).astype("<i2").tobytes())
    return path


def write_clip(
    path: Path,
    *,
    seconds: float = 2.0,
    fps: int = 30,
    size: tuple[int, int] = (320, 240),
    codec: str = "mpeg4",
    pixels: str = "yuv420p",
    flash: bool = False,
    sound: np.ndarray | None = None,
    rate_hz: int = 48_000,
    sound_codec: str = "aac",
    video_delay_s: float = 0.0,
    clock_start_s: float = 0.0,
) -> Path:
    """A clip whose left half is blue and right half red (white at FLASH_S with `flash`)."""
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=fps, width=size[0], height=size[1], pix_fmt=pixels)
        audio = container.add_stream(sound_codec, rate=rate_hz, layout="mono") if sound is not None else None
        for number in range(round(seconds * fps)):
            white = flash and number == round((FLASH_S - video_delay_s) * fps)
            frame = av.VideoFrame.from_ndarray(_halves(size, white), format="bgr24").reformat(format=pixels)
            frame.time_base, frame.pts = (
                Fraction(1, fps * 1000),
                round((number + (clock_start_s + video_delay_s) * fps) * 1000),
            )
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            _write_sound(container, audio, sound, rate_hz, round(clock_start_s * rate_hz))
    return path


class Clips:
    """Makes each file once, in `folder`, when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def normal(self) -> Path:
        """Two seconds of picture and sound; flash and click at FLASH_S."""
        return self._once("normal.mp4", lambda p: write_clip(p, flash=True, sound=click(2.0, 48_000)))

    def late_picture(self) -> Path:
        """The video track starts 0.5 s after the sound; flash and click still at FLASH_S."""
        return self._once("late.mp4", lambda p: write_clip(p, flash=True, sound=click(2.0, 48_000), video_delay_s=0.5))

    def transport_stream(self) -> Path:
        """A file whose own clock does not start at zero."""
        return self._once("stream.ts", lambda p: write_clip(p, flash=True, sound=click(2.0, 48_000), clock_start_s=7.0))

    def no_sound(self) -> Path:
        return self._once("no_sound.mp4", lambda p: write_clip(p, seconds=1.0))

    def one_pixel(self) -> Path:
        return self._once(
            "one_pixel.mkv", lambda p: write_clip(p, seconds=0.5, fps=10, size=(1, 1), codec="ffv1", pixels="bgr0")
        )

    def eight_k(self) -> Path:
        return self._once(
            "eight_k.mkv",
            lambda p: write_clip(p, seconds=0.4, fps=5, size=(7680, 4320), codec="mjpeg", pixels="yuvj420p"),
        )

    def portrait(self) -> Path:
        """Stored lying, to be shown turned: a phone's video."""
        return self._once("portrait.mp4", lambda p: _turned(self.no_sound(), p))

    def truncated(self) -> Path:
        """The second half of the bytes is missing."""
        whole = self._once("whole.mkv", lambda p: write_clip(p, flash=True, sound=click(2.0, 48_000)))
        return self._once("truncated.mkv", lambda p: p.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2]))

    def damaged(self) -> Path:
        """Every few hundred bytes one is wrong."""
        return self._once("damaged.mkv", lambda p: p.write_bytes(_spoilt(self._whole_bytes())))

    def not_a_video(self) -> Path:
        return self._once("letter.mp4", lambda p: p.write_text("Dear reader, this is no video.\n" * 50))

    def text(self) -> Path:
        return self._once("letter.txt", lambda p: p.write_text("FFmpeg would draw this as a picture.\n" * 50))

    def empty(self) -> Path:
        return self._once("empty.mp4", lambda p: p.write_bytes(b""))

    def playlist(self) -> Path:
        """Names another file: must not be followed."""
        target = self.normal()
        return self._once("list.mp4", lambda p: p.write_text(f"ffconcat version 1.0\nfile '{target}'\n"))

    def sound(self, rate_hz: int = 16_000, channels: int = 1) -> Path:
        """One second of a 440 Hz tone at 0.3, in all channels."""
        one = tone(1.0, rate_hz)
        return self._once(
            f"tone_{rate_hz}_{channels}.wav", lambda p: write_wav(p, np.tile(one, (channels, 1)), rate_hz)
        )

    def silence(self) -> Path:
        return self._once("silence.wav", lambda p: write_wav(p, np.zeros(16_000, np.float32), 16_000))

    def clipping(self) -> Path:
        """A tone driven four times over full scale."""
        return self._once("clipping.wav", lambda p: write_wav(p, tone(1.0, 16_000, level=4.0), 16_000))

    def noise(self) -> Path:
        """Two seconds of noise at 16 kHz, in which every place can be told from every other."""
        rng = np.random.default_rng(1)
        return self._once("noise.wav", lambda p: write_wav(p, rng.uniform(-0.3, 0.3, 32_000), 16_000))

    def _whole_bytes(self) -> bytes:
        return self._once("whole.mkv", lambda p: write_clip(p, flash=True, sound=click(2.0, 48_000))).read_bytes()

    def _once(self, name: str, make: Callable[[Path], object]) -> Path:
        path = self.folder / name
        if not path.exists():
            make(path)
        return path


def _halves(size: tuple[int, int], white: bool) -> np.ndarray:
    image = np.zeros((size[1], size[0], 3), np.uint8)
    image[:, : size[0] // 2] = (200, 0, 0)
    image[:, size[0] // 2 :] = (0, 0, 200)
    if white:
        image[:] = 255
    return image


def _write_sound(container, stream, sound: np.ndarray, rate_hz: int, start: int) -> None:
    for first in range(0, len(sound), 1024):
        frame = av.AudioFrame.from_ndarray(sound[None, first : first + 1024], format="fltp", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), start + first
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _turned(source: Path, target: Path) -> None:
    """Copy an MP4 and write a quarter turn into its track header: the matrix of ISO 14496-12, 16.16 fixed point."""
    data = bytearray(source.read_bytes())
    header = data.index(b"tkhd")
    matrix = header + 4 + 4 + 20 + 8 + 8
    quarter = (0, 1 << 16, 0, -1 << 16, 0, 0, 240 << 16, 0, 1 << 30)
    data[matrix : matrix + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in quarter)
    target.write_bytes(bytes(data))


def _spoilt(data: bytes) -> bytes:
    spoilt = bytearray(data)
    for place in range(2000, len(spoilt), 397):
        spoilt[place] ^= 0xFF
    return bytes(spoilt)
