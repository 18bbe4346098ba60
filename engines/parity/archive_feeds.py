"""Feeds from the archives of a data folder: only people whom training has not met."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edge.errors import UsageError
from edge.features.face import Detector
from edge.infer.engine import Engine
from edge.samples import WINDOW_FRAMES
from engines.archives import AV, FER2013, SPEECH
from engines.evaluation.fer2013 import read_pictures, thinned
from engines.evaluation.packs import refused
from engines.evaluation.people import is_subject_held_out
from engines.evaluation.speech import read_spoken
from engines.evaluation.windows import voiced_windows
from engines.faces import find_detector, small_picture_crop
from engines.parity.clip_feeds import clip_feeds
from engines.parity.feeds import CropList, ParityFeeds, Row, Sight, Sound, joined
from engines.progress import progress

PICTURES, UTTERANCES = 400, 60
"""Of FER2013 and of each speech set: evenly spread over the archive."""
CLIPS, MOMENTS = 40, 8
"""Films, and windows of each."""
_CLIPS = "an archive of filmed speech (a zip with clips.csv and clips/)"


def archive_feeds(folder: Path, face: Engine, embedding_size: int) -> ParityFeeds:
    """Everything that there is in `folder`. Raises UsageError when there is none, or one has another form."""
    detector = find_detector(folder)
    parts = []
    if (folder / AV).exists():
        parts.append(_filmed(folder / AV, face, embedding_size, detector))
    if (folder / FER2013).exists():
        parts.append(_pictures(folder / FER2013, detector))
    parts += [_spoken(folder / name) for name in SPEECH if (folder / name).exists()]
    if not parts:
        names = ", ".join((AV, FER2013, *SPEECH))
        raise UsageError(f"The data folder {folder} of --data holds none of {names}: name the folder of the archives.")
    return joined(parts)


def _filmed(archive: Path, face: Engine, embedding_size: int, detector: Detector) -> ParityFeeds:
    with tempfile.TemporaryDirectory() as name, refused(archive, _CLIPS), zipfile.ZipFile(archive) as data:
        names = list(_held_out(data))
        names = names[:: max(1, -(-len(names) // CLIPS))]
        for clip in names:
            data.extract(clip, name)
        clips = progress(names, "clips")
        parts = [clip_feeds(Path(name) / clip, face, embedding_size, MOMENTS, detector) for clip in clips]
    feeds = joined(parts)
    return ParityFeeds(feeds.crops, feeds.rows, f"{len(names)} clips")


def _held_out(data: zipfile.ZipFile) -> Iterator[str]:
    for row in csv.DictReader(io.TextIOWrapper(data.open("clips.csv"), "utf-8")):
        if is_subject_held_out(row["subject"]):
            yield f"clips/{row['file']}"


def _pictures(archive: Path, detector: Detector) -> ParityFeeds:
    """Each picture in all slots of a window, no sound."""
    pictures, crops = read_pictures(archive), CropList()
    chosen = thinned(pictures.rows("test"), PICTURES)
    for number in progress(chosen, "faces of FER2013"):
        crops.place(small_picture_crop(pictures.pixels[number], detector)[0])
    found = crops.array()
    rows = tuple(Row(Sight.still(place), Sound.none(), "face alone") for place in range(len(found)))
    return ParityFeeds(found, rows, f"{len(found)} pictures of FER2013")


def _spoken(archive: Path) -> ParityFeeds:
    """A voiced second of each utterance, nobody to be seen."""
    spoken = read_spoken(archive, "test", UTTERANCES, cache=None)
    rows = []
    for number in range(len(spoken.recordings)):
        features, voice = spoken.recordings.one(number)
        begins, share = voiced_windows(voice)
        begin = int(begins[share.argmax()])
        taken = features[begin : begin + WINDOW_FRAMES]
        sound = Sound.none()
        sound.features[: len(taken)] = taken
        sound.mask[: len(taken)] = 1.0
        rows.append(Row(Sight.nobody(), sound, "no face"))
    crops = np.empty((0, *CropList().array().shape[1:]), np.uint8)
    return ParityFeeds(crops, tuple(rows), f"{len(rows)} utterances of {spoken.data_set}")
