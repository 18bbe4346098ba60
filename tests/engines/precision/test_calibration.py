import numpy as np
import pytest

from engines.archives import Archives
from engines.datasets.splits import person_part
from engines.evaluation.fer2013 import read_pictures
from engines.precision import calibration
from engines.precision.calibration import calibration_set


@pytest.fixture
def found(shared_data, networks, monkeypatch):
    """A small set, and the people and pictures that it was made of."""
    monkeypatch.setattr(calibration, "PICTURES", 40)
    monkeypatch.setattr(calibration, "UTTERANCES", 24)
    heard, seen = [], []
    spoken, cropped = calibration.voiced_windows, calibration.small_picture_crop
    monkeypatch.setattr(calibration, "voiced_windows", lambda voice: heard.append(len(voice)) or spoken(voice))
    monkeypatch.setattr(
        calibration, "small_picture_crop", lambda gray, detector: seen.append(gray) or cropped(gray, detector)
    )
    archives = Archives.inside(shared_data)
    return calibration_set(archives, networks("fp32").face), archives, heard, seen


def test_only_people_of_the_training_part_take_part(found):
    made, archives, heard, seen = found
    people = 0
    for archive in archives.speech:
        spoken = calibration.read_spoken(archive, "all", 24, cache=None)
        parts = [person_part(spoken.data_set, str(person)) for person in spoken.people]
        assert {"train", "test"} <= set(parts)
        people += parts.count("train")
    assert people == len(heard) == sum(len(feeds["sound"]) for feeds in made.head)
    pictures = read_pictures(archives.fer2013)
    tested = {gray.tobytes() for gray in pictures.pixels[pictures.held_out]}
    assert len(seen) == sum(len(feeds["crops"]) for feeds in made.face) == 40
    assert not any(gray.tobytes() in tested for gray in seen)
    assert made.source == f"40 pictures of FER2013 and {people} seconds of speech, all of training people"


def test_the_feeds_are_what_the_graphs_take(found, networks):
    made = found[0]
    assert all(np.isfinite(values).all() for feeds in (*made.face, *made.head) for values in feeds.values())
    assert networks("fp32").face.infer(made.face[0])["embeddings"].shape == (32, 96)
    said = networks("fp32").head.infer(made.head[0])
    assert said["fused"].shape == (len(made.head[0]["sound"]), 7)
    assert all(feeds["video_mask"].all() and feeds["sound_mask"].any(axis=1).all() for feeds in made.head)
