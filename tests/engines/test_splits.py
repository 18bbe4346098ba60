import csv
import io
import tarfile
from collections import defaultdict

import pytest

from engines.datasets.fer2013 import read_fer2013
from engines.datasets.speech import read_speech
from engines.datasets.splits import TEST_SPEAKERS, VALIDATION_SPEAKERS, picture_part, speaker_part
from tests.engines.data_folder import archive


def test_no_speaker_is_named_for_two_parts():
    for data_set, speakers in TEST_SPEAKERS.items():
        assert not set(speakers) & set(VALIDATION_SPEAKERS[data_set])


def test_the_filmed_actor_is_held_out():
    assert speaker_part("ravdess", "05") == "test"


def test_public_test_is_never_trained_on():
    assert {picture_part("PublicTest", row, -1) for row in range(2000)} == {"test"}


def test_about_a_twelfth_of_training_validates():
    parts = [picture_part("Training", row, -1) for row in range(20000)]
    assert 0.06 < parts.count("validation") / len(parts) < 0.10


def test_copies_of_a_picture_stay_together():
    assert len({picture_part("Training", row, 17) for row in range(1000)}) == 1


@pytest.mark.parametrize("data_set", ["ravdess", "emodb", "nemo"])
def test_every_speaker_of_an_archive_is_in_one_part_and_every_part_has_one(data_set):
    with tarfile.open(archive(f"{data_set}_speech_dev.tar")) as data:
        manifest = data.extractfile(f"{data_set}/manifest.csv").read().decode("utf-8")
    people = defaultdict(set)
    for row in csv.DictReader(io.StringIO(manifest)):
        people[speaker_part(data_set, row["speaker"])].add(row["speaker"])
    assert people.keys() == {"train", "validation", "test"}
    assert sum(map(len, people.values())) == len(set.union(*people.values()))


def test_labels_come_with_samples_of_the_same_utterance():
    utterance, samples = next(iter(read_speech(archive("emodb_speech_dev.tar"))))
    assert utterance.key == "emodb/03a01Fa.flac"
    assert utterance.label == 1
    assert samples.shape == (32000,)
    assert 0.1 < abs(samples).max() <= 1.0


@pytest.mark.timeout(120)
def test_no_judged_picture_of_fer2013_stands_in_training():
    pixels, pictures = read_fer2013(archive("fer2013_train_public.zip"))
    trained = {pixels[p.index].tobytes() for p in pictures if p.part == "train"}
    judged = [pixels[p.index].tobytes() for p in pictures if p.part == "test" and p.judged]
    assert len(judged) > 3000
    assert not trained.intersection(judged)


def test_soft_targets_are_distributions_that_lean_to_the_label():
    _, pictures = read_fer2013(archive("fer2013_train_public.zip"))
    assert all(abs(p.target.sum() - 1) < 1e-5 and p.target.min() >= 0 for p in pictures)
    assert all(p.target[p.label] >= 0.5 for p in pictures)
