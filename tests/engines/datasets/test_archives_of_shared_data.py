"""The archives of shared/data through the door that users' downloads take."""

from collections import Counter

import numpy as np
import pytest

from engines.datasets.fer2013 import read_fer2013
from engines.datasets.items import films, open_manifest, pictures, sounds
from engines.datasets.manifest import Manifest, check_people
from engines.datasets.ravdess import SOUND_DELAY_S
from engines.datasets.speech import read_speech


def present(shared_data, name):
    path = shared_data / name
    if not path.exists():
        pytest.skip(f"{name} is not in the data folder")
    return path


@pytest.mark.parametrize(
    ("data_set", "items", "dropped", "people"),
    [("ravdess", 1140, 0, (14, 2, 3)), ("emodb", 350, 58, (6, 1, 1)), ("nemo", 3402, 0, (5, 1, 1))],
)
def test_speech_has_the_rows_people_and_labels_of_its_archive(shared_data, data_set, items, dropped, people):
    path = present(shared_data, f"{data_set}_speech_dev.tar")
    manifest = open_manifest(path)
    check_people(manifest.items)
    assert len(manifest.items) == items
    assert sum(manifest.header.dropped.values()) == dropped
    assert tuple(len(manifest.people[part]) for part in ("train", "validation", "test")) == people


@pytest.mark.timeout(120)
def test_speech_is_the_same_through_both_doors(shared_data):
    path = present(shared_data, "emodb_speech_dev.tar")
    through_manifest = sounds(open_manifest(path))
    for (utterance, samples), (item, same) in zip(read_speech(path), through_manifest, strict=True):
        assert item.path.endswith(utterance.file)
        assert (item.label, item.person, item.split) == (utterance.label, utterance.speaker, utterance.part)
        assert np.array_equal(samples, same)


@pytest.mark.timeout(120)
def test_fer2013_is_the_same_through_both_doors(shared_data):
    path = present(shared_data, "fer2013_train_public.zip")
    pixels, known = read_fer2013(path)
    manifest = open_manifest(path)
    check_people(manifest.items)
    assert len(manifest.items) == 32_140
    assert Counter(item.split for item in manifest.items)["test"] == 3579 - 279
    for item, picture in zip(manifest.items, known, strict=True):
        assert (item.usable, item.judged) == (picture.usable, picture.judged)
        assert item.label == picture.label
        assert item.split == picture.part or not (item.usable or item.judged)
        assert np.allclose(item.target, picture.target, atol=1e-6)
    some = Manifest(manifest.folder, manifest.header, manifest.items[::997])
    for (_, image), row in zip(pictures(some), range(0, len(pixels), 997), strict=True):
        assert np.array_equal(image, pixels[row])


@pytest.mark.timeout(120)
def test_the_filmed_actor_comes_once_an_utterance_and_never_in_training(shared_data):
    manifest = open_manifest(present(shared_data, "av_dev.zip"))
    filmed = [item for item in manifest.items if item.kind == "film"]
    assert len(filmed) == 60
    assert Counter(item.split for item in manifest.items) == {"test": 120}
    assert {item.audio_delay_s for item in manifest.items if item.kind == "sound"} == {SOUND_DELAY_S}
    some = Manifest(manifest.folder, manifest.header, (filmed[0], filmed[-1]))
    for _, utterance in films(some):
        assert len(utterance.pictures) >= 10
        assert utterance.times_s[-1] < len(utterance.samples) / 16_000 + utterance.sound_from_s
