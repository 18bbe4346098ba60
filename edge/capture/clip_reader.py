"""Reads back a clip that `ClipWriter` wrote, sample by sample under the stamps that it wrote.

`media.chunks` counts samples and looks at stamps for holes only; here the stamp of every block counts, so that a
microphone whose clock drifts stays in step over an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from edge.capture import media
from edge.capture.container import audio_stream, decoded, opened, start_s
from edge.capture.resample import mono
from edge.clock import NS_PER_S
from edge.samples import Chunk, Frame


def clip_frames(path: Path) -> Iterator[Frame]:
    """The pictures; `t_ns` from the clip's zero. None at all for a clip without a picture track."""
    return media.frames(path) if media.probe(path).has_video else iter(())


def clip_chunks(path: Path) -> Iterator[Chunk]:
    """The sound, one chunk for each block; `t_ns` from the clip's zero. None at all for a clip without sound."""
    with opened(path) as container:
        stream = audio_stream(container)
        if stream is None:
            return
        zero_s = start_s(container)
        for seq, sound in enumerate(decoded(container, stream)):
            t_ns = round((float(sound.pts * sound.time_base) - zero_s) * NS_PER_S)
            if t_ns >= 0:  # what is earlier is a codec's run-up
                chunk = Chunk(t_ns, 0, seq, mono(sound.to_ndarray()))
                yield Chunk(t_ns, chunk.end_ns, seq, chunk.samples)
