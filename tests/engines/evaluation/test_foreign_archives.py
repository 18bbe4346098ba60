"""Archives that are not the development pack's: other people, other names, other usages, broken rows."""

import json
import subprocess
import tarfile
import zipfile

import numpy as np
import pytest

from edge.errors import UsageError
from edge.infer.card import MODELS_FOLDER
from edge.samples import EMOTIONS
from engines.cli import main
from engines.evaluation import Judge, evaluate, evaluate_av, evaluate_fer2013, evaluate_speech
from engines.evaluation.clips import evaluate_clips, has_clips
from engines.evaluation.fer2013 import read_pictures
from engines.evaluation.filmed import CONDITIONS
from engines.evaluation.people import is_held_out, is_subject_held_out
from engines.evaluation.speech import check_sound, read_spoken
from tests.engines.evaluation.made_up import film_zip, picture_zip, speech_tar, table

SEVEN = ("neutral", "happy", "sad", "angry", "fear", "disgust", "surprise")


@pytest.fixture(scope="module")
def judge():
    return Judge(MODELS_FOLDER)


@pytest.mark.parametrize(
    ("data_set", "person", "held_out"),
    [
        ("ravdess", "05", True),
        ("ravdess", "02", False),
        ("ravdess", "17", False),
        ("ravdess", "21", True),
        ("RAVDESS", "02", False),
        ("emodb", "16", True),
        ("nemo", "IC0", False),
        ("nemo", "XX9", True),
        ("cremad", "02", True),
    ],
)
def test_only_people_of_the_training_and_validation_are_not_held_out(data_set, person, held_out):
    assert is_held_out(data_set, person) is held_out


@pytest.mark.parametrize(("subject", "held_out"), [("ravdess05", True), ("ravdess03", False), ("somebody", True)])
def test_filmed_people_are_the_same_people(subject, held_out):
    assert is_subject_held_out(subject) is held_out


def test_unknown_speakers_of_a_known_set_are_all_judged(judge, tmp_path):
    rows = [("21", label) for label in SEVEN] + [("22", "calm"), ("22", "boredom")]
    archive = speech_tar(tmp_path / "anything.tar", "ravdess", rows)
    for split in ("test", "all"):
        judged = evaluate_speech(judge, archive, split)
        assert judged["n"] == 8
        assert np.array(judged["confusion"]).sum(1).tolist() == [2, 1, 1, 1, 1, 1, 1]
        assert judged["people"]["each"].keys() == {"21", "22"}


def test_split_all_takes_every_row_and_test_leaves_the_trained_people_out(tmp_path):
    archive = speech_tar(tmp_path / "mixed.tar", "ravdess", [("02", "happy"), ("17", "sad"), ("05", "angry")])
    assert read_spoken(archive, "all", None, None).people.tolist() == ["02", "17", "05"]
    assert read_spoken(archive, "test", None, None).people.tolist() == ["05"]


def test_a_set_of_any_name_is_judged_under_that_name_and_twins_are_told_apart(tmp_path):
    one = speech_tar(tmp_path / "one.tar", "cremad", [("1001", "happy"), ("1002", "sad")])
    two = speech_tar(tmp_path / "two.tar", "cremad", [("1003", "happy")])
    judged = evaluate(MODELS_FOLDER, fer2013=None, speech=[one, two], av=None, split="test")["speech"]
    assert {name: block["n"] for name, block in judged.items()} == {"cremad": 2, "two": 1}


def test_no_set_hides_another_of_the_same_name_and_file(tmp_path):
    archives = []
    for number in range(4):
        (tmp_path / str(number)).mkdir()
        archives.append(speech_tar(tmp_path / str(number) / "same.tar", "mine", [("a", "happy")] * (number + 1)))
    judged = evaluate(MODELS_FOLDER, fer2013=None, speech=archives, av=None)["speech"]
    assert {name: block["n"] for name, block in judged.items()} == {"mine": 1, "same": 2, "same 2": 3, "same 3": 4}


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(100, np.float32), "at least 480"),
        (np.full(1000, np.nan, np.float32), "no numbers"),
        (np.full(1000, -np.inf, np.float32), "no numbers"),
    ],
)
def test_sounds_that_are_none_are_not_judged(samples, said):
    with pytest.raises(ValueError, match=said):
        check_sound(samples)


def test_a_manifest_without_a_folder_takes_the_archives_name(judge, tmp_path):
    archive = speech_tar(tmp_path / "mine_dev.tar", ".", [("a", "happy")])
    assert read_spoken(archive, "test", None, None).data_set == "mine"


def test_a_broken_sound_is_named_and_skipped(judge, tmp_path):
    archive = speech_tar(tmp_path / "some.tar", "mine", [("a", "happy"), ("a", "sad"), ("b", "angry")], broken={1})
    judged = evaluate_speech(judge, archive)
    assert judged["n"] == 2
    assert [one["file"] for one in judged["skipped"]] == ["1.flac"]


def test_two_archives_of_one_name_and_size_are_not_confused_in_the_cache(tmp_path):
    cache = tmp_path / "cache"
    first = speech_tar(tmp_path / "a.tar", "mine", [("a", "happy")])
    assert read_spoken(first, "all", None, cache).labels.tolist() == [1]
    second = speech_tar(tmp_path / "a.tar", "mine", [("a", "angry")])
    assert read_spoken(second, "all", None, cache).labels.tolist() == [3]
    assert len(list(cache.iterdir())) == 2


def test_pictures_of_a_private_test_are_judged_without_votes(judge, tmp_path):
    rows = [("PrivateTest", label, "1", "-1") for label in SEVEN] * 4
    judged = evaluate_fer2013(judge, picture_zip(tmp_path / "fer.zip", rows))
    assert judged["n"] == 28
    assert "certain" not in judged


def test_doubtful_pictures_and_copies_count_in_all_only(judge, tmp_path):
    rows = [
        ("Training", "happy", "1", "-1"),
        ("Training", "sad", "1", "3"),
        ("PublicTest", "sad", "1", "3"),
        ("PublicTest", "angry", "0", "-1"),
        ("PublicTest", "", "1", "-1"),
        ("PublicTest", "neutral", "1", "-1"),
    ]
    archive = picture_zip(tmp_path / "fer.zip", rows)
    assert evaluate_fer2013(judge, archive)["n"] == 1
    judged = evaluate_fer2013(judge, archive, "all")
    assert judged["n"] == 5
    assert judged["certain"]["n"] == 2


def test_a_row_without_label_does_not_shift_the_others(tmp_path):
    rows = [("PublicTest", "happy", "1", "-1"), ("PublicTest", "contempt", "1", "-1"), ("PublicTest", "sad", "1", "-1")]
    every = [("PublicTest", "happy", "1", "-1")] * 3
    part, whole = (read_pictures(picture_zip(tmp_path / f"{k}.zip", listed)) for k, listed in enumerate((rows, every)))
    assert np.array_equal(part.pixels, whole.pixels[[0, 2]])


@pytest.mark.timeout(120)
def test_films_of_another_actor_are_judged_under_every_condition(judge, tmp_path):
    rows = [("ravdess21", "happy"), ("ravdess21", "sad"), ("ravdess03", "angry"), ("stranger", "fear")]
    archive = film_zip(tmp_path / "films.zip", rows, broken={1})
    judged = evaluate_av(judge, archive)
    assert [judged[name]["n"] for name in CONDITIONS] == [2] * 6
    assert judged["both"]["people"]["each"].keys() == {"ravdess21", "stranger"}
    assert [one["file"] for one in judged["skipped"]] == ["take1"]
    assert "5 dB" in judged["noisy_sound"]["condition"]
    assert evaluate_av(judge, archive, "all")["both"]["n"] == 3


@pytest.mark.parametrize("option", ["--fer2013", "--speech", "--av"])
def test_a_file_that_is_not_there_is_named(option, tmp_path, capsys):
    assert main(["evaluate", option, str(tmp_path / "gone.zip"), "--cache", str(tmp_path)]) == 64
    said = capsys.readouterr().err
    assert "gone.zip does not exist" in said
    assert said.count("\n") == 1


def test_a_table_without_its_columns_is_refused(tmp_path):
    archive = speech_tar(tmp_path / "bad.tar", "mine", [("a", "happy")])
    content = archive.read_bytes().replace(b"speaker", b"talking")
    archive.write_bytes(content)
    with pytest.raises(UsageError, match=r"lacks speaker"):
        read_spoken(archive, "all", None, None)


@pytest.mark.timeout(120)
def test_the_command_takes_several_archives_and_prints_one_object(tmp_path, capsys):
    archives = [speech_tar(tmp_path / f"{name}.tar", name, [("a", "happy"), ("b", "sad")]) for name in ("one", "two")]
    line = ["evaluate", "--speech", str(archives[0]), "--speech", str(archives[1]), "--split", "all", "--json"]
    assert main([*line, "--cache", str(tmp_path / "cache"), "--report", str(tmp_path / "out.html")]) == 0
    judged = json.loads(capsys.readouterr().out)
    assert judged["speech"].keys() == {"one", "two"}
    assert {"n", "accuracy", "uar", "macro_f1", "ece", "confusion", "intervals", "windows"} <= judged["speech"][
        "one"
    ].keys()
    assert len(judged["speech"]["one"]["confusion"]) == len(EMOTIONS)
    assert judged["model"]["split"] == "all"
    assert (tmp_path / "out.html").read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.timeout(120)
def test_whole_films_go_the_devices_way_and_broken_ones_are_named(judge, tmp_path, demo_clip_path):
    archive = film_zip(tmp_path / "films.zip", [("stranger", "happy")])
    assert not has_clips(archive)
    second = tmp_path / "second.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", demo_clip_path, "-t", "1.3", "-vf", "scale=320:240", second], check=True
    )
    rows = [dict(file=name, subject="stranger", label7="happy") for name in ("good.mp4", "bad.mp4")]
    with zipfile.ZipFile(archive, "a") as data:
        data.writestr("clips.csv", table([*rows, dict(file="grid.mp4", subject="grid_a", label7="")]))
        data.writestr("clips/good.mp4", second.read_bytes())
        data.writestr("clips/bad.mp4", b"no film")
    assert has_clips(archive)
    judged = evaluate_clips(judge, archive)
    assert [judged[name]["n"] for name in ("both", "video", "audio")] == [1, 1, 1]
    assert judged["both"]["windows"]["n"] >= 1
    assert judged["both"]["people"]["each"].keys() == {"stranger"}
    assert [one["file"] for one in judged["skipped"]] == ["bad.mp4"]


def test_a_tar_that_is_none_is_refused_in_one_line(tmp_path, capsys):
    wrong = tmp_path / "wrong.tar"
    wrong.write_bytes(b"junk")
    assert main(["evaluate", "--speech", str(wrong), "--cache", str(tmp_path)]) == 64
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("option", ["--fer2013", "--speech", "--av"])
def test_an_archive_that_may_not_be_read_is_not_called_another_form(option, tmp_path, capsys, monkeypatch):
    closed = tmp_path / "closed.zip"

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", str(closed))

    monkeypatch.setattr("zipfile.ZipFile", refuse)
    monkeypatch.setattr("tarfile.open", refuse)
    assert main(["evaluate", option, str(closed), "--cache", str(tmp_path)]) == 64
    said = capsys.readouterr().err
    assert "closed.zip may not be read (Permission denied)" in said
    assert "is not" not in said


def test_a_tar_without_a_table_says_so(tmp_path):
    with tarfile.open(tmp_path / "empty.tar", "w"):
        pass
    with pytest.raises(UsageError, match=r"There is no file named 'manifest\.csv' in the archive\.$"):
        read_spoken(tmp_path / "empty.tar", "all", None, None)


def test_the_reasons_for_skipping_are_for_people(tmp_path):
    archive = speech_tar(tmp_path / "some.tar", "mine", [("a", "happy"), ("a", "sad")], broken={1})
    archive.write_bytes(archive.read_bytes().replace(b"0.flac,a", b"9.flac,a"))
    reasons = dict(read_spoken(archive, "all", None, None).skipped.rows)
    assert reasons["9.flac"] == "There is no file named '9.flac' in the archive"
    assert reasons["1.flac"].startswith("Format not recognised")


@pytest.mark.parametrize(("listed", "held"), [(80, 50), (1, 0)])
def test_a_table_with_more_rows_than_pictures_is_refused(tmp_path, listed, held):
    archive = picture_zip(tmp_path / "fer.zip", [("PublicTest", "happy", "1", "-1")] * max(held, 1))
    with zipfile.ZipFile(archive) as data:
        sheet = data.read("sheets/000.webp")
    with zipfile.ZipFile(archive, "w") as data:
        data.writestr("labels.csv", table([dict(usage="PublicTest", fer_label="happy")] * listed))
        if held:
            data.writestr("sheets/000.webp", sheet)
    with pytest.raises(UsageError, match=f"lists {listed} pictures, its sheets hold {held}"):
        read_pictures(archive)
