"""Whether a file of a data set can be used at all: it decodes to its end, and there is something in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from edge.capture import media
from edge.clock import NS_PER_S
from edge.errors import UsageError
from edge.features.face import Detector, make_detector
from edge.samples import RATE_HZ, Floats, Image
from engines.datasets.content import Content
from engines.datasets.item import Item
from engines.datasets.stamps import read_stamps
from engines.datasets.store import BadFile, Store, entry_of

MIN_SIDE_PX = 16
MIN_GRAY_SD = 1.0
MIN_SOUND_S = 0.3
MIN_SOUND_SD = 1e-5
"""−100 dB of full scale: RAVDESS' quietest calm sentences have 3e-4."""
MIN_PICTURES = 3
MISSING_S = 0.5
"""A stream that decodes to less than it promises, by more than this, breaks off."""
_LOOKED_AT = 8
_MARGIN = 0.25
"""Crops that are all face get this border, as in an evaluation, or the detector finds nothing."""


@dataclass(frozen=True)
class _Film:
    audio_delay_s: float | None
    face_share: float
    end_s: float


class Checker:
    """Decodes items of one store and looks at what comes out."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._content = Content(store)
        self._detector: Detector | None = None
        self._last: tuple[str, _Film | BadFile] = ("", BadFile())

    def check(self, item: Item) -> Item:
        """The item with what was learnt of its file. Raises BadFile with the reason why it cannot be used."""
        if item.kind == "picture":
            check_picture(self._content.picture(item))
            return item
        if item.kind == "sound":
            check_sound(self._content.sound(item))
            return item
        if entry_of(item.path) is not None:
            utterance = self._content.film(item)
            check_sound(utterance.samples)
            return replace(
                item, face_share=self._face_share([_with_border(image) for image in utterance.pictures[::2]])
            )
        film = self._film(item.path)
        if item.end_s is not None and item.end_s > film.end_s + MISSING_S:
            raise BadFile(f"The film ends at {film.end_s:.1f} s, before {item.end_s:.1f} s.")
        return replace(item, audio_delay_s=film.audio_delay_s, face_share=film.face_share)

    def _film(self, path: str) -> _Film:
        """Of the last file asked for, so that a dialogue of sixty utterances is decoded once."""
        if self._last[0] != path:
            try:
                with self._store.file(path) as file:
                    self._last = (path, self._look_at(file))
            except BadFile as bad:
                self._last = (path, bad)
        if isinstance(self._last[1], BadFile):
            raise self._last[1]
        return self._last[1]

    def _look_at(self, file: Path) -> _Film:
        stamps = read_stamps(file)
        if stamps.video is None:
            raise BadFile("It has no picture, only sound.")
        if stamps.audio is None:
            raise BadFile("It has no sound.")
        length_s = stamps.video.duration_s or stamps.duration_s or 1.0
        images, begin_s, end_s = _look_through(file, length_s)
        _check_whole("picture", end_s - begin_s, stamps.video.duration_s)
        if max(float(image.std()) for image in images) < MIN_GRAY_SD:
            raise BadFile("Its pictures are blank.")
        first_s, samples = _sound_of(file)
        check_sound(samples)
        _check_whole("sound", len(samples) / RATE_HZ, stamps.audio.duration_s)
        whole_s = max(end_s, first_s + len(samples) / RATE_HZ)
        _check_whole("film", whole_s, stamps.duration_s)
        return _Film(stamps.audio_delay_s, self._face_share(images), whole_s)

    def _face_share(self, images: Sequence[Image]) -> float:
        if self._detector is None:
            self._detector = make_detector()
        return sum(bool(self._detector.detect(image)) for image in images) / len(images) if images else 0.0


def check_picture(image: Image) -> None:
    """Raises BadFile for a picture (height, width) in which nothing can be seen."""
    if min(image.shape[:2]) < MIN_SIDE_PX:
        raise BadFile(f"The picture has {image.shape[1]} × {image.shape[0]} pixels; {MIN_SIDE_PX} are the least.")
    if float(image.std()) < MIN_GRAY_SD:
        raise BadFile("The picture is blank: all pixels are alike.")


def check_sound(samples: Floats) -> None:
    """Raises BadFile for samples (n,) at RATE_HZ in which nothing can be heard."""
    if len(samples) == 0:
        raise BadFile("The sound is empty.")
    if not np.isfinite(samples).all():
        raise BadFile("The sound has samples that are no numbers (NaN or infinite).")
    if len(samples) < MIN_SOUND_S * RATE_HZ:
        raise BadFile(f"The sound lasts {len(samples) / RATE_HZ:.2f} s; {MIN_SOUND_S} s is the least.")
    if float(samples.std()) < MIN_SOUND_SD:
        raise BadFile("The sound is silent from beginning to end.")


def _look_through(file: Path, length_s: float) -> tuple[list[Image], float, float]:
    """A few pictures spread over the file, when its first picture begins, and when its last one ends."""
    step_ns, times_ns = length_s / _LOOKED_AT * NS_PER_S, list[int]()

    def wanted(t_ns: int) -> bool:
        times_ns.append(t_ns)
        return len(times_ns) == 1 or (t_ns - times_ns[0]) // step_ns > (times_ns[-2] - times_ns[0]) // step_ns

    try:
        images = [frame.image for frame in media.frames(file, wanted=wanted)]
    except UsageError:
        raise BadFile("Not one picture in it can be decoded.") from None
    if len(times_ns) < MIN_PICTURES:
        raise BadFile(f"Only {len(times_ns)} of its pictures can be decoded; {MIN_PICTURES} are the least.")
    frame_ns = (times_ns[-1] - times_ns[0]) / (len(times_ns) - 1)
    return images, times_ns[0] / NS_PER_S, (times_ns[-1] + frame_ns) / NS_PER_S


def _check_whole(what: str, seen_s: float, promised_s: float | None) -> None:
    """A file that lost its end still promises all of it in its beginning; Matroska and FLV only for the whole film."""
    if promised_s is not None and seen_s < promised_s - MISSING_S:
        raise BadFile(f"The {what} breaks off: {seen_s:.1f} s of {promised_s:.1f} s can be decoded.")


def _sound_of(file: Path) -> tuple[float, Floats]:
    try:
        first_ns, samples = media.load_sound(file)
    except UsageError:
        raise BadFile("None of its sound can be decoded.") from None
    return first_ns / NS_PER_S, samples


def _with_border(image: Image) -> Image:
    border = round(image.shape[0] * _MARGIN)
    return np.asarray(cv2.copyMakeBorder(image, border, border, border, border, cv2.BORDER_REPLICATE), np.uint8)
