import json
from dataclasses import replace

import pytest

from edge.errors import UsageError
from engines.datasets.item import Item
from engines.datasets.manifest import Header, Manifest, header_path, read_manifest, write_manifest

HEADER = Header("emodb", "free", "the publisher", files=2, sha256="ab", dropped={"boredom": 3})


def item(person, split, emotion="happy", path="a.wav"):
    return Item(path, "sound", "emodb", person, emotion, split, "free")


def written(tmp_path, *items):
    path = tmp_path / "emodb.manifest.csv"
    write_manifest(path, Manifest(tmp_path, HEADER, items))
    return path


def test_a_manifest_reads_back_as_it_was_written(tmp_path):
    items = (item("03", "train"), item("08", "test", "sad", "ü, b.wav"))
    read = read_manifest(written(tmp_path, *items))
    assert read == Manifest(tmp_path, HEADER, items)


def test_the_header_counts_people_and_emotions(tmp_path):
    path = written(tmp_path, item("03", "test"), item("08", "train", "sad"), item("08", "train", "sad"))
    header = json.loads(header_path(path).read_text("utf-8"))
    assert header["people"] == {"test": 1, "train": 1}
    assert header["items"] == {"train": {"sad": 2}, "test": {"happy": 1}}


def test_nobody_is_written_into_two_splits(tmp_path):
    with pytest.raises(UsageError, match=r"Person '03' of emodb is in train and in test \(b.wav\)"):
        written(tmp_path, item("03", "train"), item("08", "test"), item("03", "test", path="b.wav"))
    assert not list(tmp_path.iterdir())


def test_nobody_is_read_from_two_splits(tmp_path):
    path = written(tmp_path, item("03", "train"), item("08", "train"))
    path.write_text(path.read_text("utf-8").replace(",08,happy,,train", ",03,happy,,test"), encoding="utf-8")
    with pytest.raises(UsageError, match="Person '03'"):
        read_manifest(path)


def test_the_same_number_in_two_data_sets_is_two_people(tmp_path):
    write_manifest(
        tmp_path / "x.manifest.csv",
        Manifest(tmp_path, HEADER, (item("03", "train"), replace(item("03", "test"), data_set="nemo"))),
    )


def test_a_wrong_line_is_named_with_its_number(tmp_path):
    path = written(tmp_path, item("03", "train"), item("08", "train"))
    path.write_text(path.read_text("utf-8").replace("08,happy", "08,hapy"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"line 3: emotion 'hapy' is unknown"):
        read_manifest(path)


def test_a_row_of_another_data_set_is_refused(tmp_path):
    path = written(tmp_path, item("03", "train"))
    path.write_text(path.read_text("utf-8").replace(",emodb,", ",nemo,"), encoding="utf-8")
    with pytest.raises(UsageError, match="data_set 'nemo' is not the header's 'emodb'"):
        read_manifest(path)


def test_a_missing_column_is_named(tmp_path):
    path = written(tmp_path, item("03", "train"))
    path.write_text(path.read_text("utf-8").replace("licence", "license"), encoding="utf-8")
    with pytest.raises(UsageError, match="lacks the columns licence"):
        read_manifest(path)


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"format": 2}'])
def test_a_wrong_header_is_said(tmp_path, content):
    path = written(tmp_path, item("03", "train"))
    header_path(path).unlink()
    if content is not None:
        header_path(path).write_text(content)
    with pytest.raises(UsageError, match="run `edge-engines prepare` again"):
        read_manifest(path)


def test_a_missing_manifest_is_said(tmp_path):
    path = written(tmp_path, item("03", "train"))
    path.unlink()
    with pytest.raises(UsageError, match="cannot be read"):
        read_manifest(path)


def test_folds_become_parts(tmp_path):
    manifest = Manifest(tmp_path, HEADER, tuple(item(f"p{n}", f"fold{n}") for n in (1, 2, 3)))
    assert [i.split for i in manifest.with_fold(3).items] == ["validation", "train", "test"]
    assert [i.split for i in manifest.with_fold(1, validation=3).items] == ["test", "train", "validation"]
    with pytest.raises(UsageError, match="Fold 4 is not in the manifest"):
        manifest.with_fold(4)
