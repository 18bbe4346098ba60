import os
import tarfile
import zipfile

import pytest

from edge.errors import UsageError
from engines.datasets.store import BadFile, Store, entry_of, on_disk, within
from tests.engines.datasets.files import touch


def tar_of(path, files):
    with tarfile.open(path, "w") as tar:
        for file in files:
            tar.add(file, file.name)
    return path


def test_archives_are_looked_into_and_hidden_files_left_out(tmp_path):
    touch(tmp_path, "b/x.wav", "a.wav", ".hidden/y.wav", "b/._x.wav")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("in/z.wav", b"z")
        archive.writestr("__MACOSX/in/._z.wav", b"no")
    with Store(tmp_path) as store:
        assert list(store.names()) == ["a.wav", "c.zip!in/z.wav", "b/x.wav"]
        assert store.read("c.zip!in/z.wav") == b"z"


def test_one_archive_is_a_store_of_its_own(tmp_path):
    touch(tmp_path, "x.wav", "y.wav")
    with Store(tar_of(tmp_path / "only.tar", [tmp_path / "x.wav"])) as store:
        assert list(store.names()) == ["only.tar!x.wav"]


def test_a_member_becomes_a_file_for_programs_that_need_one(tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"film")
    with Store(tar_of(tmp_path / "t.tar", [tmp_path / "x.mp4"])) as store, store.file("t.tar!x.mp4") as file:
        assert file.suffix == ".mp4"
        assert file.read_bytes() == b"film"
    assert not file.exists()


def test_what_a_tar_lost_at_its_end_is_a_bad_file_and_the_rest_is_read(tmp_path):
    for name in ("1.wav", "2.wav"):
        (tmp_path / name).write_bytes(name.encode() * 5000)
    path = tar_of(tmp_path / "t.tar", [tmp_path / "1.wav", tmp_path / "2.wav"])
    path.write_bytes(path.read_bytes()[:30_000])
    with Store(path) as store:
        names = list(store.names())
        assert names[0] == "t.tar!1.wav"
        assert len(store.read(names[0])) == 25_000
        with pytest.raises(BadFile, match="cannot be read"):
            store.read("t.tar!2.wav")


def test_a_zip_member_with_a_wrong_checksum_is_a_bad_file(tmp_path):
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.wav", b"abcdefgh" * 100)
    path.write_bytes(path.read_bytes().replace(b"abcdefgh" * 3, b"abcdefgX" * 3))
    with Store(path) as store, pytest.raises(BadFile, match="CRC"):
        store.read("z.zip!x.wav")


def test_a_note_of_git_lfs_is_told_from_a_broken_file(tmp_path):
    (tmp_path / "x.flv").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 5\n")
    with Store(tmp_path) as store:
        with pytest.raises(BadFile, match="run `git lfs pull`"):
            store.read("x.flv")
        with pytest.raises(BadFile, match="run `git lfs pull`"), store.file("x.flv"):
            pass


def test_what_is_no_archive_is_named(tmp_path):
    (tmp_path / "letter.zip").write_text("Dear reader")
    with Store(tmp_path) as store:
        assert list(store.names()) == []
        assert "letter.zip" in store.broken


def test_names_with_signs_of_ours_are_files_like_others(tmp_path):
    touch(tmp_path, "wow!/take #1!.wav", "a.csv", "odd.zip/x.wav")
    with Store(tmp_path) as store:
        assert sorted(store.names()) == ["a.csv", "odd.zip/x.wav", "wow!/take #1!.wav"]
        for path in store.names():
            assert store.read(path) == b""
            assert (on_disk(path), within(path), entry_of(path)) == (path, path, None)


@pytest.mark.parametrize(
    ("path", "disk", "inside", "entry"),
    [
        ("d/s.tar.gz!a/b.wav", "d/s.tar.gz", "a/b.wav", None),
        ("f.zip!sheets/0.webp#7", "f.zip", "sheets/0.webp#7", ("f.zip!sheets/0.webp", "7")),
        ("d/fer2013.csv#12", "d/fer2013.csv", "d/fer2013.csv#12", ("d/fer2013.csv", "12")),
    ],
)
def test_a_path_tells_its_parts(path, disk, inside, entry):
    assert (on_disk(path), within(path), entry_of(path)) == (disk, inside, entry)


def test_a_name_that_no_table_can_hold_is_named(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.wav")).touch()
    with Store(tmp_path) as store:
        assert list(store.names()) == []
        assert list(store.broken) == [ascii("caf\udce9.wav")]


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        Store(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_looked_into_is_named(tmp_path, monkeypatch):
    touch(tmp_path, "a.wav", "closed/b.wav")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    with Store(tmp_path) as store:
        assert list(store.names()) == ["a.wav"]
        assert store.broken == {"closed": "The folder cannot be looked into: Permission denied."}


def test_a_broken_archive_is_told_in_one_line(tmp_path):
    (tmp_path / "x.tar").write_bytes(b"junk")
    with Store(tmp_path) as store:
        assert list(store.names()) == []
        assert store.broken == {"x.tar": "The archive cannot be opened: file could not be opened successfully."}
