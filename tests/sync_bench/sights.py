"""What the device sees in a clip: its pictures through FaceFeatures, spoiled first where a condition says so."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from edge import samples
from edge.capture import media
from edge.clock import NS_PER_MS
from edge.features.face import Detector
from edge.features.face_features import Encode, FaceFeatures
from edge.samples import FaceFrame, Floats, Frame, Image
from engines.cache import cached
from tests.sync_bench.clips import Clip

_LEAST_STEP_NS = NS_PER_MS


@dataclass(frozen=True)
class Spoiled:
    """What happens to pictures before anybody looks: a share is lost, stamps are off (normal, `jitter_ms`)."""

    dropped: float = 0.0
    jitter_ms: float = 0.0

    def frames(self, frames: Iterable[Frame], seed: int) -> Iterator[Frame]:
        """Those that are left, stamps rising; the same ones for the same seed."""
        random = np.random.default_rng([4, seed])
        last_ns = -(10**18)
        for frame in frames:
            lost, off_ms = random.random() < self.dropped, random.normal() * self.jitter_ms
            if lost:
                continue
            last_ns = max(frame.t_ns + round(off_ms * NS_PER_MS), last_ns + _LEAST_STEP_NS)
            yield Frame(last_ns, last_ns, frame.seq, frame.image)


def no_embeddings(crops: Image) -> Floats:
    """Nobody judges these faces."""
    return np.zeros((len(crops), 1), np.float32)


class Sights:
    """Looks at clips, remembers what it saw, and keeps it in the cache folder for the next time."""

    def __init__(self, archive: Path, cache: Path, detector: Detector) -> None:
        self._archive, self._cache, self._detector = archive, cache, detector
        self._known: dict[str, list[FaceFrame]] = {}

    def of(self, clip: Clip, spoiled: Spoiled | None = None) -> list[FaceFrame]:
        """Every frame of a clip, looked at by a fresh FaceFeatures; stamps from the file's zero."""
        spoiled = spoiled or Spoiled()
        frames = spoiled.frames(media.frames(clip.path), sum(clip.name.encode()))
        return self.remembered(f"{clip.name}-{spoiled.dropped:g}-{spoiled.jitter_ms:g}", frames, no_embeddings)

    def remembered(self, name: str, frames: Iterable[Frame], encode: Encode) -> list[FaceFrame]:
        """`frames` looked at in one go, or what is known of them under this name."""
        name = f"{name}-{self._detector.name}"
        if name not in self._known:
            arrays = cached(
                self._cache, name, self._archive, _code(), lambda: {"pickle": _packed(self._look(frames, encode))}
            )
            self._known[name] = pickle.loads(arrays["pickle"].tobytes())
        return self._known[name]

    def _look(self, frames: Iterable[Frame], encode: Encode) -> list[FaceFrame]:
        features = FaceFeatures(self._detector, encode)
        return [features.step(frame) for frame in frames]


def _code() -> list[ModuleType]:
    """All that sights are made by."""
    features = sorted(name for name in sys.modules if name.startswith("edge.features."))
    return [samples, media, *(sys.modules[name] for name in features)]


def _packed(seen: list[FaceFrame]) -> np.ndarray:
    return np.frombuffer(pickle.dumps(seen), np.uint8)
