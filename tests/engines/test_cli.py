import json

import pytest

from engines.cli import main
from tests.engines.data_folder import archive


@pytest.mark.parametrize("command", ["prepare", "train", "distill", "export", "evaluate"])
def test_help_has_examples(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"edge-engines {command}" in capsys.readouterr().out.split("examples:")[1]


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["fly"],
        ["distill", "--face-epochs", "0"],
        ["distill", "--stage", "joint"],
        ["train", "--stage", "head"],
        ["train", "--side", "16"],
        ["train", "--steps", "5", "--epochs", "1"],
        ["train", "--device", "tpu"],
        ["evaluate", "--split", "mine"],
    ],
)
def test_a_bad_command_line_ends_with_64(line):
    with pytest.raises(SystemExit) as stop:
        main(line)
    assert stop.value.code == 64


@pytest.mark.parametrize("command", ["train", "distill"])
def test_missing_archives_are_named_in_one_sentence(command, tmp_path, capsys):
    pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
    assert main([command, "--data", str(tmp_path), "--cache", str(tmp_path)]) == 64
    said = capsys.readouterr().err
    assert "manifest.csv" in said
    assert "edge-engines prepare" in said
    assert "--data" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--imagenet", "nowhere.pth"], "nowhere.pth"), (["--device", "cuda"], "--device cpu")],
)
def test_what_training_cannot_have_is_said_before_it_begins(options, said, capsys, monkeypatch):
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert main(["train", *options]) == 64
    assert said in capsys.readouterr().err


@pytest.mark.timeout(300)
def test_train_prints_the_figures_of_each_stage_and_starts_again_when_asked(few_draws, tmp_path, capsys, monkeypatch):
    from tests.engines.tiny_data import tiny_faces, tiny_speech

    (tmp_path / "fer2013_train_public.zip").write_bytes(b"one")
    (tmp_path / "emodb_speech_dev.tar").write_bytes(b"two")
    monkeypatch.setattr("engines.teacher_stages.load_faces", lambda *_: tiny_faces())
    monkeypatch.setattr("engines.teacher_stages.load_speech", lambda *_: tiny_speech())
    line = ["train", "--data", str(tmp_path), "--out", str(tmp_path / "out"), "--steps", "1", "--batch", "8",
            "--side", "32", "--device", "cpu"]  # fmt: skip
    assert main([*line, "--json"]) == 0
    judged = json.loads(capsys.readouterr().out)
    assert list(judged) == ["visual", "audio", "joint"]
    assert {"accuracy", "uar", "loss"} <= judged["joint"]["video"].keys()
    recipe = json.loads((tmp_path / "out" / "joint" / "recipe.json").read_text())
    assert set(recipe["data"]) == {"fer2013_train_public.zip", "emodb_speech_dev.tar"}
    assert main([*line, "--stage", "audio", "--seed", "8"]) == 64
    assert "--fresh" in capsys.readouterr().err
    assert main([*line, "--stage", "audio", "--seed", "8", "--fresh"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("audio ")


def test_a_missing_checkpoint_says_what_to_run(tmp_path, capsys):
    pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
    assert main(["export", "--checkpoint", str(tmp_path / "no.pt"), "--out", str(tmp_path)]) == 64
    assert "edge-engines distill" in capsys.readouterr().err


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


def test_an_error_of_the_program_itself_is_one_sentence(monkeypatch, capsys):
    def broken(_folder):
        raise RuntimeError("out of cheese")

    monkeypatch.setattr("engines.cli.build.load_card", broken)
    assert main(["build", "--trtexec"]) == 1
    said = capsys.readouterr().err
    assert said == (
        "edge-engines: an error of the program itself (RuntimeError: out of cheese): --log-level debug shows where.\n"
    )
