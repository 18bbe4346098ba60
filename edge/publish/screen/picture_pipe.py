"""Pictures with their results through a pipe: a head of 8 bytes, JSON, raw pixels."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass, field
from typing import IO

import numpy as np

from edge.publish.payload import encode
from edge.publish.screen.vitals import Vitals
from edge.publish.sink import Message
from edge.samples import Image

_HEAD = struct.Struct("<II")


@dataclass(frozen=True)
class Scene:
    """What the window needs to show: each part may be missing."""

    picture: Image | None = None
    message: Message | None = None
    vitals: Vitals = field(default_factory=Vitals)


def send(pipe: IO[bytes], scene: Scene) -> None:
    """Write one scene; raises OSError when the other end has gone."""
    picture = scene.picture
    shape = None if picture is None else picture.shape
    head = {"message": scene.message, "vitals": asdict(scene.vitals), "shape": shape}
    text = encode(head).encode()
    pixels = b"" if picture is None else np.ascontiguousarray(picture).data.cast("B")
    pipe.write(_HEAD.pack(len(text), len(pixels)))
    pipe.write(text)
    pipe.write(pixels)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Scene | None:
    """Read one scene; None when the other end has gone."""
    head = _exactly(pipe, _HEAD.size)
    if head is None:
        return None
    text_size, pixels_size = _HEAD.unpack(head)
    text, pixels = _exactly(pipe, text_size), _exactly(pipe, pixels_size)
    if text is None or pixels is None:
        return None
    parts = json.loads(text)
    picture = np.frombuffer(pixels, np.uint8).reshape(parts["shape"]) if parts["shape"] else None
    return Scene(picture, parts["message"], Vitals(**parts["vitals"]))


def _exactly(pipe: IO[bytes], size: int) -> bytes | None:
    data = pipe.read(size)
    return data if len(data) == size else None
