"""The way through torch_tensorrt: our half on the CPU, its half by the names in its own sources."""

import ast
import sys
import zipfile
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

import torch

from edge.errors import UsageError
from edge.infer.card import GRAPHS
from edge.infer.engine import EngineError
from engines.build import torch_path
from engines.build.source import GraphSource
from engines.explanation.network import OnnxNetwork
from engines.models.student import Student, face_example, head_example
from tests.gpu.fetched import download, fetched_or_skip

EXAMPLES = {"face": face_example, "head": head_example}


@pytest.fixture(scope="module")
def student():
    return Student.new().eval()


def several(said):
    return said if isinstance(said, tuple) else (said,)


@pytest.mark.parametrize("graph", GRAPHS)
def test_half_precision_takes_and_gives_floats(student, graph):
    plain = getattr(student, graph)
    half = torch_path.typed(getattr(student, graph), "fp16")
    heavy = [part for part in half.modules() if isinstance(part, torch_path.HalfLayer)]
    assert len(heavy) > 5
    assert {weight.dtype for part in heavy for weight in part.parameters()} == {torch.float16}
    assert {part.weight.dtype for part in half.children() if hasattr(part, "weight")} == {torch.float32}
    example = EXAMPLES[graph](3)
    with torch.no_grad():
        said, expected = half(*example), plain(*example)
    for one, other in zip(several(said), several(expected), strict=True):
        assert one.dtype == torch.float32
        assert float((one - other).abs().max()) < 0.05 * max(1.0, float(other.abs().max()))


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("graph", GRAPHS)
def test_the_exported_program_takes_every_batch_of_the_profile(card, student, graph, precision):
    source = GraphSource.read(card, graph, precision, 8)
    program = torch_path.exported(torch_path.typed(getattr(student, graph), precision), source)
    for shapes in zip(*source.profile.values(), strict=True):
        said = program.module()(*(torch.ones(shape) for shape in shapes))
        assert len(several(said)[0]) == shapes[0][0]


def test_squares_of_grays_are_never_halves(card, student):
    """The squares of a black and white crop add up to more than a half can hold."""
    program = torch_path.exported(torch_path.typed(student.face, "fp16"), GraphSource.read(card, "face", "fp16", 8))
    types = {}
    for node in program.graph.nodes:
        value = node.meta.get("val")
        if node.op == "call_function" and isinstance(value, torch.Tensor):
            types.setdefault(str(node.target), set()).add(value.dtype)
    assert torch.float16 in types["aten.conv2d.default"]
    for delicate in ("aten.mean.dim", "aten.sqrt.default", "aten.div.Tensor", "aten.avg_pool2d.default"):
        assert types[delicate] == {torch.float32}


@pytest.mark.parametrize("graph", GRAPHS)
def test_weights_of_another_student_are_refused_before_the_work(card, student, graph):
    source = GraphSource.read(card, graph, "fp16", 8)
    with pytest.raises(UsageError, match=rf"checkpoint some\.pt holds another student than .*student_{graph}\.onnx"):
        torch_path.check_weights(getattr(student, graph), source, Path("some.pt"))


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_student_of_the_files_is_taken(card, graph):
    source = GraphSource.read(card, graph, "fp16", 8)
    shipped = OnnxNetwork(source.path.with_name(f"student_{graph}.onnx"))
    torch_path.check_weights(shipped, source, Path("some.pt"))


def test_int8_is_no_way_through_torch(student):
    with pytest.raises(UsageError, match="no int8"):
        torch_path.typed(student.face, "int8")


def test_without_torch_tensorrt_one_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_tensorrt", None)
    with pytest.raises(UsageError, match=r"needs torch_tensorrt.*pip install"):
        torch_path.TorchCompiler(SimpleNamespace(__version__="10.3.0"), tmp_path / "student.pt")


def test_names_are_told_by_their_order_and_nothing_else_is_taken(card):
    source = GraphSource.read(card, "head", "fp16", 8)
    inputs, outputs = ["a", "b", "c", "d"], ["output0", "output1", "output2"]
    names = torch_path.tensor_map(source, inputs, outputs)
    assert names == dict(
        embeddings="a", video_mask="b", sound="c", sound_mask="d", fused="output0", video="output1", audio="output2"
    )
    with pytest.raises(EngineError, match="expected"):
        torch_path.tensor_map(source, inputs, outputs[:2])


def wheel_of(version, folder):
    words = ["--only-binary", ":all:", "--python-version", "3.11"]
    for platform in ("manylinux_2_28_x86_64", "manylinux_2_34_x86_64"):
        words += ["--platform", platform]
    download(f"torch-tensorrt=={version}", folder, *words)


_MAKERS = {version: partial(wheel_of, version) for version in ("2.8.0", "2.14.0")}


@pytest.fixture(scope="module", params=_MAKERS)
def sources(request):
    """Two releases of torch_tensorrt, as the package index has them."""
    folder = fetched_or_skip(f"torch-tensorrt-{request.param}", _MAKERS[request.param])
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        yield wheel


def function(sources, file, name):
    tree = ast.parse(sources.read(file))
    return next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name)


def asked_for(name):
    """The keywords with which our file calls `name`."""
    tree = ast.parse(Path(torch_path.__file__).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if (getattr(call.func, "attr", None) or getattr(call.func, "id", None)) == name]
    assert named
    return {keyword.arg for call in named for keyword in call.keywords if keyword.arg}


def test_both_releases_take_the_keywords_that_we_give(sources):
    convert = function(
        sources, "torch_tensorrt/dynamo/_compiler.py", "convert_exported_program_to_serialized_trt_engine"
    )
    known = {argument.arg for argument in (*convert.args.args, *convert.args.kwonlyargs)}
    asked = asked_for("convert")
    assert asked >= {"arg_inputs", "workspace_size"}
    assert asked <= known


def test_both_releases_have_the_names_that_we_use(sources):
    exported = sources.read("torch_tensorrt/dynamo/__init__.py").decode()
    assert "convert_exported_program_to_serialized_trt_engine" in exported
    assert "Input" in sources.read("torch_tensorrt/__init__.py").decode()
    text = sources.read("torch_tensorrt/_Input.py").decode()
    for keyword in asked_for("Input"):
        assert f'kwargs["{keyword}"]' in text


def test_only_the_release_that_knows_it_is_asked_for_explicit_types(sources):
    convert = function(
        sources, "torch_tensorrt/dynamo/_compiler.py", "convert_exported_program_to_serialized_trt_engine"
    )
    known = {argument.arg for argument in convert.args.kwonlyargs}
    interpreter = sources.read("torch_tensorrt/dynamo/conversion/_TRTInterpreter.py").decode()
    assert "STRONGLY_TYPED" in interpreter
    assert ("use_explicit_typing" in known) == ("use_explicit_typing" in interpreter)
