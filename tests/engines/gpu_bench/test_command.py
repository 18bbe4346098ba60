"""`python -m engines.gpu_bench` as a process, on a machine whatever its GPU: without one, and with --cpu."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from edge.board.gpu import cu_init
from engines.gpu_bench.__main__ import main
from tests.conftest import REPOSITORY

WITHOUT_TRAINING = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "onnx", "onnxscript"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from engines.gpu_bench.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def gpu_bench(*arguments):
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "engines.gpu_bench", *map(str, arguments)]
    return subprocess.run(command, cwd=REPOSITORY, env=environ, capture_output=True, text=True, timeout=100)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    page = tmp_path_factory.mktemp("docs") / "tensorrt.md"
    page.write_text("# Before\n\n<!-- gpu-bench -->\nold\n<!-- /gpu-bench -->\n\nAfter.\n")
    return page


@pytest.fixture(scope="module")
def on_the_processor(page):
    """Rows that need neither torch's compiler nor a long time."""
    return gpu_bench(
        *("--cpu", "--quick", "--faces", "1", "--precisions", "fp16", "--only", "face", "--only", "tick"),
        *("--only", "parity", "--json", "--write", page),
    )


@pytest.mark.skipif(cu_init().works, reason="there is a GPU here")
def test_without_a_gpu_it_says_so_in_one_sentence(capsys):
    assert main(["--quick"]) == 69
    told = capsys.readouterr()
    assert told.err.startswith("gpu-bench: No GPU can be measured here")
    assert len(told.err.splitlines()) == 1
    assert told.out == ""


def test_the_processor_alone_is_measured(on_the_processor):
    assert on_the_processor.returncode == 0, on_the_processor.stderr
    figures = json.loads(on_the_processor.stdout)
    cells = {(one["contender"], one["precision"], one["row"], one["faces"]): one for one in figures["latencies"]}
    rows = [("face", 1), ("tick", 1)]
    assert {("ONNX Runtime CPU", "fp32", *row) for row in rows} <= cells.keys()
    assert {("ONNX Runtime CPU", "fp16", *row) for row in rows} <= cells.keys()
    assert all(0 < one["p50_ms"] <= one["p99_ms"] for one in cells.values())
    assert all(one["row"] in {"face", "tick"} for one in figures["latencies"])


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed: pip install 'edge-emotion[train]'")
def test_torch_is_beside_it(on_the_processor):
    names = {one["contender"] for one in json.loads(on_the_processor.stdout)["latencies"]}
    assert "torch eager cpu" in names


def test_the_half_precision_is_compared(on_the_processor):
    (parity,) = json.loads(on_the_processor.stdout)["likenesses"]
    assert (parity["contender"], parity["precision"], parity["accepted"]) == ("ONNX Runtime CPU", "fp16", True)
    assert 0 < parity["most"] <= 1e-2


def test_what_was_not_measured_is_named(on_the_processor):
    absent = {one["row"]: one["reason"] for one in json.loads(on_the_processor.stdout)["absent"]}
    assert "no GPU row was run" in absent["everything on a GPU"]
    assert "--quick" in absent["torch.compile cpu"]


def test_the_page_has_the_tables_and_the_plot(on_the_processor, page):
    assert on_the_processor.returncode == 0, on_the_processor.stderr
    text = page.read_text()
    assert text.startswith("# Before\n\n<!-- gpu-bench -->\n")
    assert text.endswith("\n<!-- /gpu-bench -->\n\nAfter.\n")
    assert "old" not in text
    assert "**No GPU took part.**" in text
    assert "| ONNX Runtime CPU fp32 | " in text
    assert "(pictures/gpu-bench.svg)" in text
    assert (page.parent / "pictures" / "gpu-bench.svg").exists()


def test_a_device_without_the_packages_of_training_measures_what_it_has():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TRAINING, "--cpu", "--quick", "--faces", "1", "--only", "head", "--json"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert {(one["contender"], one["row"]) for one in figures["latencies"]} == {("ONNX Runtime CPU", "head")}
    absent = {one["row"]: one["reason"] for one in figures["absent"]}
    assert absent["torch eager cpu fp32"] == "torch is not installed: pip install 'edge-emotion[train]'."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--faces", "0,2"], "face counts from 1 to"),
        (["--faces", "two"], "like 1,2,4,8"),
        (["--precisions", "fp8"], "fp32,fp16,int8"),
        (["--only", "dance"], "invalid choice"),
        (["--cpu", "--write", "nowhere.md"], "cannot be read"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_measured(arguments, words, capsys):
    try:
        code = main(arguments)
    except SystemExit as end:
        code = end.code
    assert code == 64
    assert words in capsys.readouterr().err
