"""`edge-engines parity`: its exit codes, what it prints, and that each error is one sentence."""

import json
import subprocess
import sys

import pytest

from edge.errors import EdgeError
from engines.cli import main
from engines.parity import sources
from tests.engines.parity.bent import model_folder, perturbed


@pytest.fixture(autouse=True)
def _few_feeds(monkeypatch, feeds):
    """A few drawn ones alone: the demo clip takes seconds each time."""

    def none():
        raise EdgeError("no clip")

    monkeypatch.setattr(sources, "demo_clip", none)
    monkeypatch.setattr(sources, "made_up_feeds", lambda: feeds)


@pytest.fixture(scope="module")
def same(tmp_path_factory):
    """A student whose fp16 files are its fp32 ones."""
    return model_folder(tmp_path_factory.mktemp("same") / "model", "fp16")


@pytest.fixture(scope="module")
def wrong(tmp_path_factory, card):
    """A student whose window head in fp16 has one wrong weight."""
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'edge-emotion[train]'")
    folder = tmp_path_factory.mktemp("wrong")
    last = [one.name for one in onnx.load(card.head_path).graph.initializer if len(one.dims) == 2][-1]
    return model_folder(folder / "model", "fp16", head=perturbed(card.head_path, folder / "head.onnx", last, 3.0))


def command(model, *options):
    return main(["parity", "--model", str(model), "--backends", "onnx", "--precisions", "fp16", *map(str, options)])


def test_the_same_files_are_accepted(same, capsys):
    assert command(same) == 0
    said = capsys.readouterr()
    assert "is accepted as fp16" in said.out
    assert "REFUSED" not in said.out
    assert "several faces" in said.out


def test_a_wrong_weight_is_refused_with_1_and_its_output_named(wrong, tmp_path, capsys):
    page = tmp_path / "out.html"
    assert command(wrong, "--json", "--report", page) == 1
    told = json.loads(capsys.readouterr().out)
    (one,) = told["compared"]
    assert (told["accepted"], one["accepted"], one["backend"], one["precision"]) == (False, False, "onnx", "fp16")
    assert "(head)" in one["words"]
    assert one["parts"]["head"]["fused"]["probabilities"]["most"] > one["tolerance"]["most"]
    assert one["parts"]["face"]["fused"]["probabilities"]["most"] == 0.0
    assert sum(told["cases"].values()) == told["rows"]
    html = page.read_text()
    assert html.count("<svg") == 2 + 2 * 3
    assert "ONNX Runtime fp16: refused." in html
    assert "http" not in html.replace("http://www.w3.org", "")


def test_a_file_that_is_not_the_cards_fails_and_is_not_passed_over(tmp_path, capsys):
    assert main(["parity", "--model", str(model_folder(tmp_path / "model", "fp16", lies=True)), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    (one,) = [one for one in told["absent"] if one["broken"]]
    assert (one["backend"], one["precision"]) == ("onnx", "fp16")
    assert "student_face.fp16.onnx" in one["reason"]


def test_a_file_that_cannot_be_loaded_fails(tmp_path, capsys):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no graph")
    assert command(model_folder(tmp_path / "model", "fp16", face=broken)) == 1
    assert "it FAILS: ONNX Runtime cannot load the model" in capsys.readouterr().out


def test_what_this_machine_lacks_is_one_line_unless_it_was_asked_for(same, capsys):
    pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
    assert main(["parity", "--model", str(same)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("TensorRT" in line for line in lines) <= 1 or any("TensorRT fp16  " in line for line in lines)
    (line,) = [line for line in lines if line.startswith("ONNX Runtime int8: not compared: ")]
    assert "edge-engines export --precisions int8" in line
    assert any(line.startswith("torch fp32  ") for line in lines)
    line = ["parity", "--model", str(same), "--backends", "onnx", "--precisions", "int8"]
    assert main(line) == 69
    said = capsys.readouterr().err
    assert said.startswith("edge-engines: ONNX Runtime int8: not compared: ")
    assert said.count("\n") == 1


def test_tensorrt_that_is_not_here_is_69_with_the_reason(same, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    line = ["parity", "--model", str(same), "--backends", "tensorrt", "--json"]
    assert main(line) == 69
    said = capsys.readouterr()
    assert said.err.startswith("edge-engines: TensorRT fp32, TensorRT fp16")
    assert {one["backend"] for one in json.loads(said.out)["absent"]} == {"tensorrt"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["nowhere.mp4"], "nowhere.mp4"),
        (["--data", "nowhere"], "--data"),
        (["--model", "nowhere"], "nowhere"),
        (["--backends", "torch", "--precisions", "fp16"], "torch: fp32"),
        (["--report", "nowhere/out.html"], "--report"),
        (["--backends", "torch", "--checkpoint", "nowhere.pt"], "nowhere.pt"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(options, said, capsys):
    if "--checkpoint" in options:
        pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
    assert main(["parity", *options]) == 64
    err = capsys.readouterr().err
    assert said in err
    assert err.startswith("edge-engines: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("options", [["--backends", "cuda"], ["--precisions", "fp8"], ["--faces", "0"]])
def test_a_bad_command_line_is_64(options, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["parity", *options])
    assert stop.value.code == 64
    assert "name one or more of" in capsys.readouterr().err or "--faces" in options


def test_help_has_examples(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["parity", "--help"])
    assert stop.value.code == 0
    assert "edge-engines parity clip.mp4" in capsys.readouterr().out.split("examples:")[1]


_DEVICE = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "onnx", "soundfile", "skimage", "matplotlib", "tensorrt"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from engines.parity import sources
from edge.errors import EdgeError
def none():
    raise EdgeError("no clip")
sources.demo_clip = none
from engines.cli import main
sys.exit(main(["parity", "--model", sys.argv[1]]))
"""


def test_a_device_needs_nothing_of_training(same):
    line = [sys.executable, "-c", _DEVICE, str(same)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "is accepted as fp16" in done.stdout
    assert "torch fp32: not compared: " in done.stdout
    assert "pip install 'edge-emotion[train]'" in done.stdout
