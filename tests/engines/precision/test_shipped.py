"""What all precisions of the shipped student have in common."""

import hashlib
import json
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto

from edge.infer.card import CARD_FILE, GRAPHS, MODELS_FOLDER, PRECISIONS, precision_file
from engines.evaluation.people import is_subject_held_out
from engines.parity.compare import compare
from engines.parity.runs import Networks
from engines.parity.tolerance import tolerance
from engines.precision.arithmetic import ReferenceEngine, few

OTHERS = [precision for precision in PRECISIONS if precision != "fp32"]
TYPES = {
    "fp32": {TensorProto.FLOAT, TensorProto.INT64},
    "fp16": {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT64},
    "int8": {TensorProto.FLOAT, TensorProto.INT8, TensorProto.INT64},
}


@pytest.fixture(params=GRAPHS)
def graph(request):
    return request.param


@pytest.fixture(params=PRECISIONS)
def precision(request):
    return request.param


@pytest.fixture
def path(graph, precision):
    return MODELS_FOLDER / precision_file(graph, precision)


def interface(path):
    network = onnx.load(path).graph
    return {
        one.name: (one.type.tensor_type.elem_type, [d.dim_value or "n" for d in one.type.tensor_type.shape.dim])
        for one in (*network.input, *network.output)
    }


def test_inputs_and_outputs_are_those_of_fp32(graph, path):
    said = interface(path)
    assert said == interface(MODELS_FOLDER / precision_file(graph))
    assert {kind for kind, _shape in said.values()} == {TensorProto.FLOAT}


def test_names_are_fixed(graph, path):
    names = {"face": ["crops", "embeddings"], "head": ["embeddings", "video_mask", "sound", "sound_mask"]}
    assert list(interface(path)) == names[graph] + (["fused", "video", "audio"] if graph == "head" else [])


def test_operators_are_the_standard_ones_of_opset_18(path):
    model = onnx.load(path)
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 18)]
    assert {node.domain for node in model.graph.node} <= {"", "ai.onnx"}
    assert model.ir_version == 10
    onnx.checker.check_model(model, full_check=True)


def test_weights_are_of_types_that_a_strongly_typed_network_takes(precision, path):
    assert {tensor.data_type for tensor in onnx.load(path).graph.initializer} <= TYPES[precision]


def test_files_are_small_and_hold_nothing_of_the_machine_they_were_made_on(path):
    content = path.read_bytes()
    assert len(content) < 5_000_000
    assert b".py" not in content
    model = onnx.load(path)
    for part in (*model.graph.node, *model.graph.initializer, *model.graph.value_info, model.graph, model):
        assert not part.doc_string if hasattr(part, "doc_string") else True
        assert not part.metadata_props


def test_the_card_has_hash_and_parity_of_each(card):
    told = json.loads((MODELS_FOLDER / CARD_FILE).read_text(encoding="utf-8"))["precisions"]
    assert list(told) == OTHERS
    for precision, one in told.items():
        for graph in GRAPHS:
            content = (MODELS_FOLDER / precision_file(graph, precision)).read_bytes()
            assert one[f"{graph}_sha256"] == hashlib.sha256(content).hexdigest()
            assert card.graph_path(graph, precision) == MODELS_FOLDER / precision_file(graph, precision)
        limits = tolerance(precision)
        assert one["parity"]["max"] <= limits.most
        assert one["parity"]["mean"] <= limits.mean
        assert one["parity"]["agreement"] >= limits.agreement
        assert one["parity"]["rows"] > 2000
    assert told["fp16"]["parity"]["in_half"]["max"] <= 1e-2
    assert "training people" in told["int8"]["calibration"]


def test_the_student_itself_is_the_one_that_was_trained(card):
    assert card.sha256.startswith("011d9beb")


@pytest.mark.parametrize("precision", OTHERS)
def test_drawn_faces_and_tones_are_judged_alike(card, networks, feeds, precision):
    parity = compare(networks("fp32"), networks(precision), feeds, tolerance(precision), card.temperature)
    assert parity.accepted, parity.words


def test_half_floats_that_are_really_computed_in_say_the_same(card, networks, feeds):
    with (
        ReferenceEngine(card.graph_path("face", "fp16")) as face,
        ReferenceEngine(card.graph_path("head", "fp16")) as head,
    ):
        some = few(feeds, 5)
        parity = compare(networks("fp32"), Networks(face, head), some, tolerance("fp16"), card.temperature)
    assert parity.accepted, parity.words
    assert parity.parts["chain"]["fused"].probabilities.most > 0.0


@pytest.mark.parametrize("precision", OTHERS)
def test_filmed_people_are_judged_alike(shared_data, tmp_path, card, networks, precision):
    """Three films of people whom neither training nor calibration has met."""
    import csv
    import io
    import zipfile

    from engines.faces import find_detector
    from engines.parity.clip_feeds import clip_feeds
    from engines.parity.feeds import joined

    with zipfile.ZipFile(shared_data / "av_dev.zip") as films:
        table = csv.DictReader(io.TextIOWrapper(films.open("clips.csv"), "utf-8"))
        names = [f"clips/{row['file']}" for row in table if is_subject_held_out(row["subject"])][::10]
        for name in names:
            films.extract(name, tmp_path)
    face, detector = networks("fp32").face, find_detector(shared_data)
    feeds = joined([clip_feeds(Path(tmp_path) / name, face, card.embedding_size, 5, detector) for name in names])
    parity = compare(networks("fp32"), networks(precision), feeds, tolerance(precision), card.temperature)
    assert parity.accepted, parity.words
