import json

import pytest

from engines.cli import main
from tests.engines.data_folder import archive


@pytest.mark.parametrize("command", ["train", "export", "evaluate"])
def test_help_has_examples(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"edge-engines {command}" in capsys.readouterr().out.split("examples:")[1]


@pytest.mark.parametrize("line", [[], ["fly"], ["train", "--face-epochs", "0"], ["evaluate", "--split", "mine"]])
def test_a_bad_command_line_ends_with_64(line):
    with pytest.raises(SystemExit) as stop:
        main(line)
    assert stop.value.code == 64


def test_missing_archives_are_named_in_one_sentence(tmp_path, capsys):
    pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
    assert main(["train", "--data", str(tmp_path), "--cache", str(tmp_path)]) == 64
    said = capsys.readouterr().err
    assert "fer2013_train_public.zip" in said
    assert "--data" in said
    assert "Traceback" not in said


def test_a_missing_checkpoint_says_what_to_run(tmp_path, capsys):
    pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
    assert main(["export", "--checkpoint", str(tmp_path / "no.pt"), "--out", str(tmp_path)]) == 64
    assert "edge-engines train" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--fer2013", "--speech", "--av"])
def test_an_archive_of_another_form_is_refused(option, tmp_path, capsys):
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(b"not an archive")
    assert main(["evaluate", option, str(wrong)]) == 64
    assert "wrong.zip" in capsys.readouterr().err


def test_evaluate_prints_one_json_object(capsys):
    path = archive("emodb_speech_dev.tar")
    assert main(["evaluate", "--speech", str(path), "--json"]) == 0
    judged = json.loads(capsys.readouterr().out)["speech"]["emodb"]
    assert judged["n"] == 61
    assert {"accuracy", "uar", "macro_f1", "ece", "confusion", "windows"} <= judged.keys()
