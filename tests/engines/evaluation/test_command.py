"""`edge-engines evaluate` on a command line that is wrong, or an archive that holds nothing to judge."""

import json
from pathlib import Path

import pytest

from engines.cli import main
from tests.engines.evaluation.made_up import speech_tar


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return speech_tar(tmp_path_factory.mktemp("speech") / "some.tar", "mine", [("a", "happy")])


def refused(line, capsys):
    """The one sentence on standard error, and nothing on standard output."""
    assert main(["evaluate", *map(str, line)]) == 64
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_a_model_that_is_not_there_is_a_wrong_command_line(archive, tmp_path, capsys):
    said = refused(["--speech", archive, "--model", tmp_path / "gone"], capsys)
    assert "--model" in said
    assert "edge-engines export" in said


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"labels": 3}'])
def test_a_card_that_is_none_is_a_wrong_command_line(content, archive, tmp_path, capsys):
    (tmp_path / "student.json").write_text(content)
    said = refused(["--speech", archive, "--model", tmp_path], capsys)
    assert "student.json" in said
    assert "edge-engines export" in said


def test_a_curve_that_is_not_there_is_told_as_such(archive, tmp_path, capsys):
    said = refused(["--speech", archive, "--report", tmp_path / "r.html", "--curves", tmp_path / "no.csv"], capsys)
    assert "no.csv does not exist" in said


@pytest.mark.parametrize("name", ["nowhere/out.html", "."])
def test_a_report_that_cannot_be_written_is_told_before_the_work(name, tmp_path, capsys):
    gone = tmp_path / "gone.tar"
    assert "--report" in refused(["--speech", gone, "--report", tmp_path / name], capsys)


def test_a_disk_that_is_full_costs_the_report_but_not_the_figures(archive, tmp_path, capsys):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    line = ["evaluate", "--speech", str(archive), "--cache", str(tmp_path), "--json", "--report", "/dev/full"]
    assert main(line) == 64
    said = capsys.readouterr()
    assert json.loads(said.out)["speech"]["mine"]["n"] == 1
    assert "/dev/full" in said.err


def test_without_archives_those_of_a_folder_are_taken(tmp_path, capsys):
    assert str(tmp_path) in refused(["--data", tmp_path], capsys)


@pytest.mark.parametrize(
    ("rows", "broken", "split", "remedy"),
    [
        ([("02", "happy")], (), "test", "--split all"),
        ([("02", "boredom")], (), "all", "seven labels"),
        ([("02", "happy")], {0}, "all", "can be read"),
    ],
)
def test_an_archive_with_nothing_to_judge_fails_and_says_why(rows, broken, split, remedy, tmp_path, capsys):
    path, page = speech_tar(tmp_path / "some.tar", "ravdess", rows, broken=broken), tmp_path / "out.html"
    line = ["evaluate", "--speech", str(path), "--split", split, "--cache", str(tmp_path), "--report", str(page)]
    assert main(line) == 1
    said = capsys.readouterr()
    assert "RAVDESS" in said.err
    assert remedy in said.err
    assert "0.0 %" not in said.out
    assert "Nothing was judged." in page.read_text("utf-8")
    assert main([*line, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["speech"]["ravdess"]["n"] == 0


def test_one_empty_archive_among_others_is_named(archive, tmp_path, capsys):
    empty = speech_tar(tmp_path / "empty.tar", "nemo", [("IC0", "happy")])
    assert main(["evaluate", "--speech", str(archive), str(empty), "--cache", str(tmp_path)]) == 0
    assert "Nothing was judged of nEMO speech" in capsys.readouterr().err
