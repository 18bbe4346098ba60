import zipfile
from collections import Counter

import cv2
import numpy as np
import pytest

from edge.errors import UsageError
from engines.datasets.content import Content
from engines.datasets.fer2013_forms import list_fer2013
from engines.datasets.manifest import check_people
from engines.datasets.splits import Splits
from engines.datasets.store import Store
from tests.engines.datasets.files import fer2013_line, picture, write_fer2013, write_picture

VOTES = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"


def listed(folder):
    with Store(folder) as store:
        return list_fer2013(store, Splits())


@pytest.mark.parametrize(
    ("number", "emotion"),
    [(0, "angry"), (1, "disgust"), (2, "fearful"), (3, "happy"), (4, "sad"), (5, "surprised"), (6, "neutral")],
)
def test_the_tables_numbers_map_to_the_seven(tmp_path, number, emotion):
    write_fer2013(tmp_path / "fer2013.csv", [fer2013_line(picture(1), number)])
    (item,) = listed(tmp_path).items
    assert (item.emotion, item.path, item.person) == (emotion, "fer2013.csv#0", "picture-0")


def test_both_public_and_private_test_are_held_out(tmp_path):
    lines = [fer2013_line(picture(n), 3, usage) for n, usage in enumerate(("Training", "PublicTest", "PrivateTest"))]
    write_fer2013(tmp_path / "fer2013.csv", lines)
    assert [item.split for item in listed(tmp_path).items][1:] == ["test", "test"]


def test_wrong_lines_are_named_and_the_others_keep_their_numbers(tmp_path):
    good = fer2013_line(picture(0))
    lines = [
        good,
        fer2013_line(picture(1), 7),
        fer2013_line(picture(2)[:40]),
        fer2013_line(picture(3), 3, "Trainig"),
        good.replace(" ", " x", 1),
        good.replace("3,", "3,999 ", 1).replace(" ", "", 1),
        "",
        fer2013_line(picture(6)),
        "3",
    ]
    write_fer2013(tmp_path / "fer2013.csv", lines)
    listing = listed(tmp_path)
    assert [item.path for item in listing.items] == ["fer2013.csv#0", "fer2013.csv#6"]  # csv skips the empty line
    said = {bad.file: bad.reason for bad in listing.bad}
    assert said["fer2013.csv#1"] == "Line 3: emotion '7' is none of 0 … 6."
    assert said["fer2013.csv#2"] == "Line 4: there are 1920 pixels, not 2304."
    assert said["fer2013.csv#3"] == "Line 5: Usage 'Trainig' is none of Training, PublicTest, PrivateTest."
    assert said["fer2013.csv#4"] == "Line 6: a pixel is no whole number."
    assert "not in 0 … 255" in said["fer2013.csv#5"]
    assert "fer2013.csv#7" in said


def test_votes_become_soft_labels_and_pictures_without_a_face_are_not_trained_on(tmp_path):
    write_fer2013(tmp_path / "fer2013.csv", [fer2013_line(picture(n), 4) for n in range(3)])
    rows = [
        "Training,fer0000000.png,2,0,0,6,0,0,0,2,0,0",
        "Training,,0,0,0,0,0,0,0,0,0,10",
        "Training,x,0,0,0,0,0,0,0,0,0,0",
    ]
    (tmp_path / "fer2013new.csv").write_text("\n".join([VOTES, *rows]) + "\n")
    voted, faceless, unvoted = listed(tmp_path).items
    assert voted.votes == (2, 0, 6, 0, 0, 0, 0)
    assert np.allclose(voted.target, [0.125, 0, 0.875, 0, 0, 0, 0])
    assert voted.usable
    assert not faceless.usable
    assert unvoted.votes is None


def test_votes_of_another_length_are_named_and_not_used(tmp_path):
    write_fer2013(tmp_path / "fer2013.csv", [fer2013_line(picture(n)) for n in range(3)])
    (tmp_path / "fer2013new.csv").write_text(VOTES + "\nTraining,x,10,0,0,0,0,0,0,0,0,0\n")
    listing = listed(tmp_path)
    assert [item.votes for item in listing.items] == [None] * 3
    assert "it has 1 lines, fer2013.csv has 3" in listing.bad[0].reason


def test_a_test_picture_that_stands_in_training_is_used_for_nothing(tmp_path):
    lines = [
        fer2013_line(picture(0)),
        fer2013_line(picture(1)),
        fer2013_line(picture(1), usage="PublicTest"),
        fer2013_line(picture(2), usage="PublicTest"),
    ]
    write_fer2013(tmp_path / "fer2013.csv", lines)
    items = listed(tmp_path).items
    check_people(items)
    _, trained, copy, other = items
    assert trained.usable
    assert not trained.judged
    assert (copy.person, copy.split) == (trained.person, trained.split)
    assert not copy.usable
    assert not copy.judged
    assert (other.split, other.judged) == ("test", True)


def test_a_picture_under_two_labels_is_trusted_under_neither(tmp_path):
    write_fer2013(tmp_path / "fer2013.csv", [fer2013_line(picture(1), 0), fer2013_line(picture(1), 4)])
    assert not any(item.usable or item.judged for item in listed(tmp_path).items)


def test_folders_are_read_and_what_is_none_of_the_seven_is_counted(tmp_path):
    for n, name in enumerate(("train/happy", "train/sad", "test/surprise", "validation/fear", "train/contempt")):
        write_picture(tmp_path / name / f"{n}.png", picture(n))
    write_picture(tmp_path / "test/happy/copy.png", picture(0))
    (tmp_path / "train/happy/bad.png").write_bytes(b"\x89PNG no picture")
    listing = listed(tmp_path)
    check_people(listing.items)
    said = {item.path: item for item in listing.items}
    assert said["test/surprise/2.png"].split == "test"
    assert said["validation/fear/3.png"].split == "validation"
    assert said["test/happy/copy.png"].split == said["train/happy/0.png"].split
    assert not said["test/happy/copy.png"].judged
    assert said["train/sad/1.png"].emotion == "sad"
    assert listing.dropped == {"contempt is none of the seven emotions": 1}
    assert [bad.file for bad in listing.bad] == ["train/happy/bad.png"]


def test_about_a_twelfth_of_training_validates_and_a_picture_keeps_its_part_in_another_folder(tmp_path):
    for n in range(150):
        write_picture(tmp_path / "a/train/happy" / f"{n}.png", picture(n))
        write_picture(tmp_path / "b/train/happy" / f"{149 - n}.png", picture(n))
    first = {item.person: item.split for item in listed(tmp_path / "a").items}
    second = {item.person: item.split for item in listed(tmp_path / "b").items}
    assert first == second
    assert 4 <= Counter(first.values())["validation"] <= 22


def test_our_sheets_are_read_by_tile(tmp_path):
    sheet = np.zeros((96, 25 * 48), np.uint8)
    sheet[48:, 48:96] = picture(26)
    columns = "i,row,usage,fer_label,fer_label_ok,match_sim,dup_group," + ",".join(
        f"fp_{name}" for name in VOTES.split(",")[2:]
    )
    rows = [f"{i},{i},PublicTest,fear,1,1.0,-1,{'1,' * 9}1" for i in range(27)]
    with zipfile.ZipFile(tmp_path / "fer.zip", "w") as archive:
        archive.writestr("labels.csv", "\n".join([columns, *rows]))
        archive.writestr("sheets/000.webp", cv2.imencode(".webp", sheet, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes())
    with Store(tmp_path / "fer.zip") as store:
        items = list_fer2013(store, Splits()).items
        assert items[26].path == "fer.zip!sheets/000.webp#26"
        assert np.array_equal(Content(store).picture(items[26]), picture(26))


def test_a_split_by_people_is_refused(tmp_path):
    write_fer2013(tmp_path / "fer2013.csv", [fer2013_line(picture(0))])
    with Store(tmp_path) as store, pytest.raises(UsageError, match="names no people"):
        list_fer2013(store, Splits("x.csv", {}))
