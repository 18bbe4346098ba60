"""What NVIDIA's parser refuses, told in one sentence of ours."""

import pytest

from edge.infer.card import MODELS_FOLDER
from edge.infer.engine import EngineError
from edge.infer.plan_shapes import profile
from engines.build.compiler import compile_graph
from engines.build.config import BuildOptions
from engines.build.phases import Phases
from tests.engines.build import broken_graphs


def refused(rtx, source):
    with pytest.raises(EngineError) as caught:
        compile_graph(rtx, source, BuildOptions(sm=86), Phases())
    said = str(caught.value)
    assert said.startswith("The model some.onnx ")
    assert said.endswith(".")
    assert "\n" not in said
    assert len(said) < 400
    return said


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (broken_graphs.custom_operator, "uses the operator Secret (node my_node), which TensorRT does not have"),
        (broken_graphs.missing_input, "holds the operator Add (node add)"),
        (broken_graphs.cycle, "holds a broken graph"),
        (broken_graphs.wrong_shapes, "holds the operator MatMul (node product)"),
        (broken_graphs.unsupported_operator, "holds the operator Det (node determinant)"),
        (broken_graphs.other_shape, "takes crops (n × 3 × 64 × 64), expected crops (n × 1 × 128 × 128)"),
        (broken_graphs.fixed_batch, "takes crops (1 × 1 × 128 × 128), expected crops (n × 1 × 128 × 128)"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_network_is_refused_by_name(rtx, face_source, make, words):
    assert words in refused(rtx, face_source(make()))


def test_a_file_that_is_cut_off_or_none_is_refused(rtx, face_source):
    content = (MODELS_FOLDER / "student_face.onnx").read_bytes()
    for broken in (content[: len(content) // 2], content[:-100], b"no ONNX at all" * 20):
        assert "is no ONNX file, or one that is cut off" in refused(rtx, face_source(broken))


def test_an_empty_file_that_the_parser_takes_is_refused(rtx, face_source):
    assert "it takes nothing, expected crops" in refused(rtx, face_source(b""))


def test_the_other_graph_is_refused(rtx, face_source):
    content = (MODELS_FOLDER / "student_head.onnx").read_bytes()
    assert "is not the student's face network" in refused(rtx, face_source(content))


def test_an_input_without_a_profile_cannot_get_to_the_compiler(rtx, face_source):
    shapes = profile("head", embedding_size=96)
    del shapes["sound"]
    content = (MODELS_FOLDER / "student_head.onnx").read_bytes()
    assert "is not the student's" in refused(rtx, face_source(content, shapes))
