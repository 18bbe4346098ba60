"""The GPU rows, run on the stand-in GPU: what they do, and what they leave behind. Their times mean nothing."""

from __future__ import annotations

import json

import pytest

from edge.infer.card import load_card
from edge.infer.engine import EngineError
from engines.gpu_bench.bench import measure, steps
from engines.gpu_bench.request import Request
from engines.gpu_bench.tables import as_lines, tables
from engines.gpu_bench.watch import silent
from tests.engines.gpu_bench.timed_gpu import tools
from tests.gpu.stand_in_gpu import StandInGpu

SMALL = Request(faces=(1, 2), precisions=("fp16",), rounds=2, calls=3, warm_up=3, moments=4, compiles=False)


@pytest.fixture(scope="module", params=[True, False], ids=["integrated", "card"])
def ran(request):
    gpu = StandInGpu(integrated=request.param)
    told = []
    record = measure(SMALL, lambda _words, done: told.append(done), tools(gpu))
    return gpu, record, sum(told)


def test_every_row_has_its_figures(ran):
    gpu, record, _told = ran
    other = "copies" if gpu.machine.integrated else "zero-copy"
    names = ["ONNX Runtime CPU", "TensorRT", "TensorRT, no CUDA graph", f"TensorRT, {other}"]
    assert {one.contender for one in record.latencies} >= set(names)
    cells = {(one.contender, one.row, one.faces) for one in record.latencies}
    assert {(name, row, n) for name in names for row in ("face", "head", "tick") for n in (1, 2)} <= cells
    assert [(one.graph, one.precision) for one in record.builds] == [("face", "fp16"), ("head", "fp16")]
    assert [(one.graph, one.faces) for one in record.stages] == [("face", 1), ("head", 1), ("face", 2), ("head", 2)]
    assert all(one.upload_ms > 0 and 0 < one.share < 1 for one in record.stages)
    assert "TensorRT" not in {one.row.split(" ")[0] for one in record.absent}


def test_parity_is_measured_and_met(ran):
    _gpu, record, _told = ran
    (one,) = record.likenesses
    assert (one.contender, one.precision, one.accepted) == ("TensorRT", "fp16", True)
    assert one.rows > 20
    assert 0 < one.most <= 1e-2


def test_the_gpu_was_used_as_it_should_be_and_is_empty_afterwards(ran):
    gpu, _record, _told = ran
    assert gpu.machine.mistakes == []
    assert gpu.left() == {}


@pytest.mark.parametrize("integrated", [True, False])
def test_the_ways_to_run_a_plan_differ(integrated):
    gpu = StandInGpu(integrated=integrated)
    request = Request(faces=(1,), precisions=("fp32",), rows=("face",), rounds=2, calls=3, warm_up=4, compiles=False)
    measure(request, silent, tools(gpu))
    calls = request.warm_up + request.rounds * request.calls
    assert gpu.machine.launched == {"network": 3 * calls, "graph": 2 * (calls - 1)}, "one of three without a graph"
    a_call = 4 * (128 * 128 + load_card().embedding_size)
    assert gpu.machine.copied_bytes == a_call * calls * (1 if integrated else 2), "copies, and zero-copy"


def test_the_steps_that_were_promised_are_told(ran):
    _gpu, _record, told = ran
    assert told == steps(SMALL) - 1, "no ONNX Runtime CUDA here: one comparison less"


def test_the_tables_hold_them(ran):
    gpu, record, _told = ran
    text = "\n\n".join(table.markdown() for table in tables(record))
    assert text.count("| TensorRT fp16 | ") == 4, "three rows and parity"
    assert f"| tick: against TensorRT, {'copies' if gpu.machine.integrated else 'zero-copy'} fp16 | " in text
    assert "| face fp16, 2 faces | " in text
    assert "CUDAExecutionProvider" in text


def test_the_machine_is_told(ran):
    gpu, record, _told = ran
    assert record.machine.gpu == gpu.target()
    assert "GPU: Orin, SM 87, TensorRT 10.3.0" in "\n".join(as_lines(record))
    assert json.loads(json.dumps(record.as_json()))["machine"]["gpu"]["l4t"] == "36.4.3"


def test_without_tensorrt_the_others_go_on(monkeypatch):
    def missing(_backend="tensorrt"):
        raise EngineError("tensorrt is not installed: some words")

    monkeypatch.setattr("engines.gpu_bench.gpu_side.tensorrt_module", missing)
    request = Request(faces=(1,), rows=("face", "parity"), rounds=1, calls=2, warm_up=1, moments=4, compiles=False)
    record = measure(request, silent)
    assert {one.row: one.reason for one in record.absent}["TensorRT"] == "tensorrt is not installed: some words"
    assert "ONNX Runtime CPU" in [one.contender for one in record.latencies]
    assert tables(record)[-1].title == "Not measured"


def test_an_answer_that_is_no_number_is_refused_and_still_json():
    gpu = StandInGpu()
    gpu.machine.nan = True
    request = Request(faces=(1,), precisions=("fp32",), rows=("parity",), moments=4, compiles=False)
    record = measure(request, silent, tools(gpu))
    (one,) = record.likenesses
    assert (one.most, one.accepted) == (None, False)
    json.dumps(record.as_json(), allow_nan=False)
    assert "| TensorRT fp32 | no number | no number | " in tables(record)[0].markdown()


def test_a_gpu_without_memory_costs_its_rows_and_no_more():
    gpu = StandInGpu()
    gpu.machine.fail_allocation(1)
    request = Request(faces=(1,), precisions=("fp32",), rows=("face",), rounds=1, calls=2, warm_up=1, compiles=False)
    record = measure(request, silent, tools(gpu))
    absent = {one.row: one.reason for one in record.absent}
    assert "out of memory" in absent["TensorRT fp32"]
    assert [one.contender for one in record.latencies if one.contender.startswith("TensorRT")] == []
    assert [one.contender for one in record.latencies] == ["ONNX Runtime CPU"]


def test_who_fails_on_its_way_is_named_and_asked_no_more():
    gpu = StandInGpu()
    request = Request(faces=(1,), precisions=("fp32",), rows=("face", "head"), rounds=1, calls=2, warm_up=2)
    ready = tools(gpu)

    def watch(words, _done):
        if words.startswith("face, "):
            gpu.machine.launches_to_refuse = 1

    record = measure(request, watch, ready)
    (reason,) = [one.reason for one in record.absent if one.row == "TensorRT fp32"]
    assert "could not put the network on the stream" in reason
    assert ("TensorRT", "head") not in {(one.contender, one.row) for one in record.latencies}
    assert ("TensorRT, no CUDA graph", "head") in {(one.contender, one.row) for one in record.latencies}
