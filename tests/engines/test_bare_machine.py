"""Commands on machines that lack a package, a disk or a permission: one sentence, no traceback."""

import json
import logging
import subprocess
import sys

import pytest

from engines.cli import main
from tests.engines.evaluation.made_up import speech_tar

_WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {packages}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
from engines.cli import main
sys.exit(main({line}))
"""
_TRAINING = ("torch", "onnx", "onnxscript", "matplotlib", "shap", "skimage")


def without(packages, *line):
    code = _WITHOUT.format(packages=set(packages), line=list(map(str, line)))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


@pytest.mark.timeout(90)
def test_evaluate_needs_nothing_of_training(tmp_path):
    archive = speech_tar(tmp_path / "some.tar", "mine", [("a", "happy")])
    line = ("--speech", archive, "--cache", tmp_path, "--json", "--report", tmp_path / "out.html")
    done = without(_TRAINING, "evaluate", *line)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["speech"]["mine"]["n"] == 1


@pytest.mark.parametrize("command", [["train"], ["distill"], ["export"], ["evaluate", "--teacher", "some.pt"]])
def test_what_needs_torch_says_so(command, tmp_path):
    if command[0] == "evaluate":
        command = [*command, "--speech", speech_tar(tmp_path / "some.tar", "mine", [("a", "happy")])]
    done = without(["torch"], *command)
    assert done.returncode == 1
    assert done.stderr == "edge-engines: This command needs torch: pip install 'edge-emotion[train]'.\n"


@pytest.mark.parametrize("package", ["torch", "shap", "matplotlib"])
def test_explain_names_the_packages_that_it_lacks(package, monkeypatch, capsys):
    from engines.explanation import extras

    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == package else object())
    assert main(["explain", "clip.mp4"]) == 64
    assert (
        capsys.readouterr().err
        == f"edge-engines: explain needs {package}: pip install 'edge-emotion[train,explain]'.\n"
    )


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device", "/data/emodb.manifest.csv")

    monkeypatch.setattr("engines.prepare.prepare", full)
    assert main(["prepare", "emodb", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "/data/emodb.manifest.csv" in said
    assert "No space left on device" in said
    assert said.count("\n") == 1


def test_other_packages_keep_their_chatter_to_themselves(tmp_path, monkeypatch, capsys):
    def chatty(*_):
        logging.getLogger("torch").info("cache hits: 0")
        raise KeyboardInterrupt

    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr("engines.prepare.prepare", chatty)
    assert main(["prepare", "emodb", str(tmp_path)]) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("content", [b"junk", b""])
def test_a_checkpoint_that_is_none_is_named(content, tmp_path, capsys):
    pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
    path = tmp_path / "student.pt"
    path.write_bytes(content)
    assert main(["export", "--checkpoint", str(path), "--no-figures", "--out", str(tmp_path)]) == 64
    said = capsys.readouterr().err
    assert str(path) in said
    assert "edge-engines distill" in said
    assert said.count("\n") == 1


def test_a_list_of_bad_files_that_cannot_be_written_is_named(tmp_path, capsys):
    (tmp_path / "bad.zip").write_bytes(b"junk")
    (tmp_path / "ravdess.bad.csv").mkdir()
    assert main(["prepare", "ravdess", str(tmp_path / "bad.zip")]) == 64
    assert "ravdess.bad.csv" in capsys.readouterr().err


@pytest.mark.parametrize("line", [["--seed", "x"], ["--threads", "x"], ["--side", "x"]])
def test_numbers_that_are_none_are_told_as_such(line, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["train", *line])
    assert stop.value.code == 64
    assert "'x' is not a whole number" in capsys.readouterr().err
