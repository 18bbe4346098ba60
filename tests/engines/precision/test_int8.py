import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from edge.infer.card import GRAPHS, MODELS_FOLDER, precision_file
from engines.parity.compare import compare
from engines.parity.tolerance import tolerance
from engines.precision.int8 import to_int8
from engines.precision.proto import write

Q, DQ = "QuantizeLinear", "DequantizeLinear"


@pytest.fixture(scope="module")
def quantised(calibration):
    """Both graphs, calibrated by drawn faces and tones."""
    return {graph: to_int8(MODELS_FOLDER / precision_file(graph), getattr(calibration, graph)) for graph in GRAPHS}


@pytest.fixture(params=["made here", "shipped"])
def models(request, quantised):
    if request.param == "made here":
        return quantised
    return {graph: onnx.load(MODELS_FOLDER / precision_file(graph, "int8")) for graph in GRAPHS}


def makers(model):
    return {name: node for node in model.graph.node for name in node.output}


def weights(model):
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def test_all_convolutions_but_the_first_and_those_by_channel_read_eight_bits(models):
    for model in models.values():
        made = makers(model)
        convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
        narrow = [node for node in convolutions if all(made[n].op_type == DQ for n in node.input[:2] if n in made)]
        narrow = [node for node in narrow if node.input[1] in made]
        wide = [node for node in convolutions if node not in narrow]
        assert len(narrow) >= 4
        assert wide[0] is convolutions[0]
        assert all(any(a.name == "group" and a.i > 1 for a in node.attribute) for node in wide[1:])


def test_every_pair_is_what_tensorrt_takes(models):
    """Symmetric signed bytes with zero points of 0, scales that are float32 and positive, weights by output channel."""
    for model in models.values():
        made, values = makers(model), weights(model)
        pairs = [node for node in model.graph.node if node.op_type == DQ]
        assert len(pairs) >= 8
        for node in pairs:
            assert made[node.input[0]].op_type == Q
            assert list(made[node.input[0]].input[1:]) == list(node.input[1:])
            scale, zero = (values[name] for name in node.input[1:])
            assert zero.dtype == np.int8
            assert not zero.any()
            assert scale.dtype == np.float32
            assert (scale > 0).all()
            source = made[node.input[0]].input[0]
            if source in values:
                assert node.attribute[0].name == "axis"
                assert (node.attribute[0].i, scale.shape) == (0, values[source].shape[:1])


def test_biases_stay_floats(models):
    for model in models.values():
        kinds = {tensor.data_type for tensor in model.graph.initializer}
        assert kinds <= {TensorProto.FLOAT, TensorProto.INT8, TensorProto.INT64}


def test_the_same_recordings_give_the_same_bytes(quantised, calibration, tmp_path):
    for graph, model in quantised.items():
        again = to_int8(MODELS_FOLDER / precision_file(graph), getattr(calibration, graph))
        for name, one in (("one", model), ("again", again)):
            write(one, tmp_path / name)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "again").read_bytes()


def test_another_range_gives_other_scales(quantised, calibration):
    dark = [{"crops": np.zeros_like(calibration.face[0]["crops"])}]
    other = weights(to_int8(MODELS_FOLDER / precision_file("face"), dark))
    assert any(not np.array_equal(other[name], value) for name, value in weights(quantised["face"]).items())


def test_the_shipped_files_say_what_fp32_says(card, networks, feeds):
    parity = compare(networks("fp32"), networks("int8"), feeds, tolerance("int8"), card.temperature)
    assert parity.accepted, parity.words
    assert parity.parts["chain"]["fused"].probabilities.most > 1e-4  # it is another precision indeed
