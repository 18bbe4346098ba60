"""`edge-engines build`, from the line to the plans."""

import json
import sys

import pytest

from edge.infer.plan_key import PlanTarget
from edge.infer.plan_store import PlanStore
from edge.infer.student_plan import student_plan_key
from engines.build import accept
from engines.cli import main
from engines.parity.made_up import made_up_feeds


@pytest.fixture
def few_feeds(monkeypatch):
    """Drawn ones: the demo clip takes seconds."""
    defaults = (lambda _face, _embedding_size: made_up_feeds(4),)
    monkeypatch.setattr(accept.Acceptance.__init__, "__defaults__", defaults)


def test_ahead_of_time_plans_are_built_kept_and_found_again(rtx, card, few_feeds, tmp_path, capfd):
    line = ["build", "--backend", "rtx", "--sm", "89", "--precision", "fp32", "--out", str(tmp_path)]
    assert main([*line, "--progress", "json"]) == 0
    said = capfd.readouterr()
    assert said.err == ""
    *steps, last = [json.loads(one) for one in said.out.splitlines()]
    assert {step["graph"] for step in steps} == {"face", "head", "student"}
    assert [step["done"] for step in steps] == sorted(step["done"] for step in steps)
    target = PlanTarget("rtx", rtx.__version__, "89", "", "")
    store = PlanStore(tmp_path)
    for graph, plan in zip(("face", "head"), last["plans"], strict=True):
        assert plan["path"] == str(store.path(student_plan_key(card, graph, "fp32", target)))
        assert len(store.load(student_plan_key(card, graph, "fp32", target)).data) == plan["bytes"]
    facts = json.loads((tmp_path / last["built"][0]).with_suffix(".json").read_text())["facts"]
    assert "not the plans" in facts["parity"]["measured"]
    assert facts["compiler"] == f"tensorrt_rtx {rtx.__version__}"
    assert facts["flags"] == ["STRONGLY_TYPED", "no TF32"]

    assert main(line) == 0
    said = capfd.readouterr()
    assert said.out.count("there already") == 2
    assert "--force" in said.err


def test_what_is_refused_is_told_to_programs_too(rtx, few_feeds, tmp_path, monkeypatch, capfd):
    def refuse(*_):
        raise accept.PlanRefusedError("The plans say something else.")

    monkeypatch.setattr(accept.Acceptance, "of_files", refuse)
    assert main(["build", "--backend", "rtx", "--out", str(tmp_path), "--progress", "json"]) == 1
    said = capfd.readouterr()
    assert json.loads(said.out.splitlines()[-1]) == {"refused": "The plans say something else."}
    assert said.err == "edge-engines: The plans say something else.\n"
    assert not list(tmp_path.glob("*.plan"))


@pytest.mark.parametrize(("backend", "module"), [("tensorrt", "tensorrt"), ("rtx", "tensorrt_rtx")])
def test_without_the_compiler_one_sentence_says_so(backend, module, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, module, None)
    assert main(["build", "--backend", backend, "--out", str(tmp_path)]) == 69
    said = capsys.readouterr().err
    assert said.startswith(f"edge-engines: No engine can be built here: {module} is")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["--sm", "86"], "--sm 86 goes with --backend rtx alone"),
        (["--backend", "rtx", "--from", "torch"], "goes with --backend tensorrt alone"),
        (["--faces", "0"], "from 1 to 64"),
        (["--workspace-mb", "99999999999999"], "from 16 to 65536"),
        (["--out", ""], "an empty name is no folder"),
        (["--backend", "rtx", "--trtexec"], "goes with --backend tensorrt alone"),
        (["--precision", "fp8"], "fp8"),
        (["--model", "nowhere"], "--model nowhere"),
    ],
)
def test_lines_that_cannot_be_are_told_in_a_sentence(line, words, capsys):
    try:
        code = main(["build", *line])
    except SystemExit as stop:
        code = stop.code
    assert code == 64
    assert words in capsys.readouterr().err


def test_a_gpu_that_rtx_does_not_know_is_named(rtx, few_feeds, tmp_path, capfd):
    assert main(["build", "--backend", "rtx", "--sm", "87", "--out", str(tmp_path), "--progress", "lines"]) == 64
    assert list(tmp_path.iterdir()) == []
    assert "SM 87: name one of" in capfd.readouterr().err
