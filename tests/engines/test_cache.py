"""The cache saves time and nothing else: without it, or with a broken one, the result is the same."""

from types import SimpleNamespace

import numpy as np
import pytest

from engines.cache import cached

CODE = [SimpleNamespace(__file__=__file__)]


@pytest.fixture
def keep(tmp_path):
    archive = tmp_path / "some.tar"
    archive.write_bytes(b"content")
    made = []

    def run(folder):
        def prepare():
            made.append(folder)
            return {"numbers": np.arange(3), "name": np.array("set")}

        arrays = cached(folder, "what", archive, CODE, prepare)
        assert arrays["numbers"].tolist() == [0, 1, 2]
        assert str(arrays["name"]) == "set"
        return len(made)

    return run


def test_what_is_kept_is_not_made_again(keep, tmp_path):
    assert [keep(tmp_path / "cache"), keep(tmp_path / "cache")] == [1, 1]


def test_a_folder_that_cannot_be_made_is_named_and_does_without(keep, tmp_path, caplog):
    (tmp_path / "file").write_bytes(b"")
    assert keep(tmp_path / "file" / "cache") == 1
    assert "--cache" in caplog.text
    assert str(tmp_path / "file") in caplog.text


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04 half"])
def test_a_broken_file_is_made_anew(keep, tmp_path, content):
    keep(tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(content)
    assert [keep(tmp_path / "cache"), keep(tmp_path / "cache")] == [2, 2]
