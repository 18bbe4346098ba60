"""Training needs people to learn from and others to judge by: a folder that lacks either is told so at once."""

from dataclasses import replace

import pytest

from edge.errors import UsageError
from engines.archives import Sources
from engines.cli import main
from engines.cli.parts import require_parts
from engines.datasets.item import Item
from engines.datasets.manifest import SUFFIX, Header, Manifest, write_manifest
from tests.engines.datasets.files import touch

FILM = Item("a.mkv", "film", "recordings", "anna", "happy", "train", "own")


@pytest.fixture
def folder_of(tmp_path):
    def make(*items):
        named = tuple(replace(item, path=f"{k}.mkv", person=f"p{k}") for k, item in enumerate(items))
        header = Header("recordings", "own", "own", len(named), "0" * 64, {})
        write_manifest(tmp_path / f"recordings{SUFFIX}", Manifest(tmp_path, header, named))
        return Sources.inside(tmp_path)

    return make


def test_films_of_both_parts_will_do(folder_of, tmp_path):
    require_parts(folder_of(FILM, replace(FILM, split="validation")), tmp_path, faces=True, voices=True)


def test_folds_and_archives_will_do(folder_of, tmp_path):
    require_parts(folder_of(replace(FILM, split="fold1")), tmp_path, faces=True, voices=True)
    touch(tmp_path, "fer2013_train_public.zip", "emodb_speech_dev.tar")
    require_parts(folder_of(FILM), tmp_path, faces=True, voices=True)


@pytest.mark.parametrize(
    ("items", "faces", "said"),
    [
        ([FILM], True, "no faces in validation:"),
        ([replace(FILM, split="test")], True, "no faces in train and none in validation:"),
        ([replace(FILM, split="validation")], False, "no voices in train:"),
        ([replace(FILM, kind="picture"), replace(FILM, split="validation")], False, "no voices in train:"),
    ],
)
def test_a_part_without_anybody_is_named(items, faces, said, folder_of, tmp_path):
    with pytest.raises(UsageError, match=said):
        require_parts(folder_of(*items), tmp_path, faces=faces, voices=True)


@pytest.mark.parametrize("line", [["train"], ["train", "--stage", "audio"], ["distill"]])
def test_the_commands_say_so_before_they_begin(line, folder_of, tmp_path, capsys):
    pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
    folder_of(FILM)
    out = ["--out", str(tmp_path / "out")] if line[0] == "train" else ["--checkpoint", str(tmp_path / "student.pt")]
    assert main([*line, "--data", str(tmp_path), "--cache", str(tmp_path), "--device", "cpu", *out]) == 64
    said = capsys.readouterr().err
    assert "in validation: prepare more people" in said
    assert said.count("\n") == 1
