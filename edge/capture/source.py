"""Where pictures and sound come from: their protocols, and the sources that a command line asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, TypeVar

from edge.capture.spec import Spec, parse_camera, parse_microphone
from edge.errors import EdgeError, UsageError
from edge.samples import Chunk, Frame, StampKind

Item_co = TypeVar("Item_co", covariant=True)


class EndOfStream(EdgeError):  # noqa: N818  (an end, not an error)
    """A file has been played to its end."""

    exit_code = 0


class Source(Protocol[Item_co]):
    """A camera, a microphone, or one half of a file. One thread calls it; `close` may come from another."""

    name: str
    live: bool
    """False for a file, which has an end and is replayed at its own pace."""

    def open(self) -> None:
        """Start the device. Raises UsageError (can never work) or DeviceError (absent or busy now)."""
        ...

    def read(self, timeout_s: float) -> Item_co | None:
        """The next sample, None when nothing came in time. Raises EndOfStream or DeviceError (lost)."""
        ...

    def close(self) -> None:
        """Release the device; may be called twice, and `open` works again afterwards."""
        ...

    @property
    def overflows(self) -> int:
        """What a live device delivered so far and nobody read in time."""
        ...

    def presence(self) -> object:
        """Cheap, never blocks: becomes another when a device that was lost may have come back."""
        ...


class VideoSource(Source[Frame], Protocol):
    """A camera or a video file."""

    stamp_kind: StampKind
    """Who dated the newest frame."""


class AudioSource(Source[Chunk], Protocol):
    """A microphone or the sound of a file."""


def make_sources(
    camera: str,
    mic: str,
    *,
    loop: bool = False,
    width: int = 640,
    height: int = 480,
    fps: int = 30,
    chunk_ms: int = 20,
) -> tuple[VideoSource | None, AudioSource | None]:
    """The sources that `--camera` and `--mic` name, not yet opened; None for `none`.

    Files are probed, so that a missing file, a folder, or a camera file without a picture
    raises UsageError here. Files for both share one clock: their stamps belong together.
    """
    video_spec, audio_spec = parse_camera(camera), parse_microphone(mic)
    files = [Path(spec.value) for spec in (video_spec, audio_spec) if spec.kind == "file"]
    if files:
        video, audio = _file_sources(video_spec, audio_spec, files, loop, chunk_ms)
    else:
        video, audio = None, None
    # Imported here: a run without a camera loads no OpenCV, one without a microphone no PortAudio.
    if video_spec.kind not in ("none", "file"):
        from edge.capture.camera import Camera

        video = Camera(video_spec, width=width, height=height, fps=fps)
    if audio_spec.kind not in ("none", "file"):
        from edge.capture.microphone import Microphone

        audio = Microphone(audio_spec, chunk_ms=chunk_ms)
    return video, audio


def _file_sources(
    video_spec: Spec, audio_spec: Spec, files: list[Path], loop: bool, chunk_ms: int
) -> tuple[VideoSource | None, AudioSource | None]:
    from edge.capture.media import probe
    from edge.capture.replay import FileAudio, FileVideo, Pace

    infos = {path: probe(path) for path in files}
    pace = Pace(max(info.duration_s for info in infos.values()))
    video: VideoSource | None = None
    audio: AudioSource | None = None
    if video_spec.kind == "file":
        path = Path(video_spec.value)
        if not infos[path].has_video:
            raise UsageError(f"Camera file {str(path)!r} holds no picture: give a video file, or --camera none.")
        video = FileVideo(path, pace, loop=loop)
    if audio_spec.kind == "file":
        path = Path(audio_spec.value)
        audio = FileAudio(path, pace, loop=loop, chunk_ms=chunk_ms, has_sound=infos[path].has_audio)
    return video, audio
