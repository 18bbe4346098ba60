"""Plans are taken out of the daemon's store, by its key; the GPU alone is stood in for."""

import json

import pytest

from edge.infer.onnx_engine import OnnxEngine
from edge.infer.plan_key import PlanTarget
from edge.infer.plan_store import Plan, PlanStore, plans_folder
from edge.infer.student_plan import student_plan_key
from engines.cli import main
from engines.parity import plans, sources

TARGET = PlanTarget(backend="tensorrt", version="10.3.0", sm="87", device="Orin", l4t="36.4.3")


@pytest.fixture
def gpu(tmp_path, monkeypatch, feeds):
    """A GPU that runs the ONNX file which a plan here is."""

    class Backend:
        def __init__(self, l4t):
            pass

        def target(self):
            return TARGET

        def open(self, plan):
            path = tmp_path / f"{plan.key.stem}.onnx"
            path.write_bytes(plan.data)
            return OnnxEngine(path)

    monkeypatch.setattr(plans, "CudaBackend", Backend)
    monkeypatch.setattr(sources, "usual_feeds", lambda _face, _size: feeds)


def keep(card, graph, precision, data):
    PlanStore(plans_folder()).save(Plan(student_plan_key(card, graph, precision, TARGET), data, {"crops": "crops"}), {})


def parity(*options):
    return main(["parity", "--backends", "tensorrt", "--precisions", "fp16", *options])


def test_without_plans_it_is_said_how_to_build_them(gpu, capsys):
    assert parity() == 69
    said = capsys.readouterr().err
    assert "edge-engines build --precision fp16 --faces 8" in said
    assert said.count("\n") == 1


def test_plans_of_the_daemon_are_compared(gpu, card, capsys):
    for graph in ("face", "head"):
        keep(card, graph, "fp16", card.graph_path(graph, "fp16").read_bytes())
    assert parity("--json") == 0
    (one,) = json.loads(capsys.readouterr().out)["compared"]
    assert (one["backend"], one["precision"], one["accepted"]) == ("tensorrt", "fp16", True)
    assert one["embeddings"]["most"] > 0.0
    assert parity("--faces", "4") == 69  # those plans are for other shapes


def test_a_plan_that_does_not_load_fails(gpu, card, capsys):
    keep(card, "face", "fp16", b"no plan")
    keep(card, "head", "fp16", card.graph_path("head", "fp16").read_bytes())
    assert parity() == 1
    assert "TensorRT fp16: it FAILS: " in capsys.readouterr().out


def test_a_damaged_plan_is_told_apart_from_one_that_is_not_there(gpu, card, capsys):
    for graph in ("face", "head"):
        keep(card, graph, "fp16", card.graph_path(graph, "fp16").read_bytes())
    store = PlanStore(plans_folder())
    path = store.path(student_plan_key(card, "head", "fp16", TARGET))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert parity() == 69
    said = capsys.readouterr().err
    assert "sha256" in said
    assert "edge-engines build" in said
