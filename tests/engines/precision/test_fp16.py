import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge.errors import EdgeError
from edge.features.sound_features import sound_matrix
from edge.infer.card import GRAPHS, MODELS_FOLDER, precision_file
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.verdict import softmax
from edge.samples import RATE_HZ, VIDEO_SLOTS, WINDOW_FRAMES
from engines.parity.runs import Networks
from engines.precision.arithmetic import ReferenceEngine
from engines.precision.fp16 import to_fp16
from engines.precision.proto import tensor_types, write

HALF, FLOAT = TensorProto.FLOAT16, TensorProto.FLOAT


def fp32(graph):
    return onnx.load(MODELS_FOLDER / precision_file(graph))


@pytest.fixture(scope="module", params=GRAPHS)
def halved(request):
    return to_fp16(fp32(request.param))


def test_every_convolution_and_matrix_computes_in_half_but_for_the_last_layers(halved):
    types = tensor_types(halved)
    outputs = {output.name for output in halved.graph.output}
    heavy = [node for node in halved.graph.node if node.op_type in {"Conv", "Gemm", "MatMul"}]
    kinds = {node.name: {types[name] for name in (*node.input, *node.output)} for node in heavy}
    assert all(len(kind) == 1 for kind in kinds.values())
    wide = [node.name for node in heavy if kinds[node.name] == {FLOAT}]
    assert len(wide) == (0 if len(outputs) == 1 else 3)
    assert sum(kind == {HALF} for kind in kinds.values()) >= 9


def test_sums_divisions_and_roots_stay_in_fp32(halved):
    types = tensor_types(halved)
    delicate = [
        n for n in halved.graph.node if n.op_type in {"ReduceMean", "ReduceSum", "Div", "Sqrt", "Pow", "Softmax"}
    ]
    assert len(delicate) >= 7
    assert {types[node.output[0]] for node in delicate} == {FLOAT}


def test_nothing_runs_through_half_a_float_between_two_nodes_in_fp32(halved):
    """A cast down is always for a node that computes in half."""
    readers = {name: node for node in halved.graph.node for name in node.input}
    down = [node for node in halved.graph.node if node.op_type == "Cast" and node.attribute[0].i == HALF]
    assert down
    assert all(readers[node.output[0]].op_type != "Cast" for node in down)


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_shipped_file_is_what_comes_out_each_time(graph, tmp_path):
    write(to_fp16(fp32(graph)), tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == (MODELS_FOLDER / precision_file(graph, "fp16")).read_bytes()


def test_the_given_model_stays_as_it_is():
    model = fp32("head")
    before = model.SerializeToString(deterministic=True)
    to_fp16(model)
    assert model.SerializeToString(deterministic=True) == before


def linear(*values, output="y"):
    """y = w x, with a second use of w that stays in fp32."""
    weight = numpy_helper.from_array(np.array([values], np.float32), "w")
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["product"], name="product"),
        helper.make_node("Softmax", ["w"], ["share"], name="share"),
        helper.make_node("Mul", ["product", "share"], [output], name="last"),
    ]
    io = [helper.make_tensor_value_info(name, FLOAT, ["n", size]) for name, size in (("x", 1), (output, len(values)))]
    graph = helper.make_graph(nodes, "linear", io[:1], io[1:], [weight])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def test_a_weight_that_both_types_read_is_there_in_both(tmp_path):
    write(to_fp16(linear(0.1, 3.0)), tmp_path / "linear.onnx")
    with OnnxEngine(tmp_path / "linear.onnx") as engine:
        said = engine.infer({"x": np.array([[2.0]], np.float32)})["y"]
    expected = np.array([0.2, 6.0]) * softmax(np.array([[0.1, 3.0]]), 1.0)
    np.testing.assert_allclose(said, expected, rtol=1e-3)


def test_a_weight_that_does_not_fit_is_named():
    with pytest.raises(EdgeError, match="weight w holds 70000"):
        to_fp16(linear(0.1, -70000.0))


@pytest.fixture(scope="module")
def in_half(card):
    """The shipped fp16 files, really computed in half floats: ONNX Runtime would hide what overflows."""
    with (
        ReferenceEngine(card.graph_path("face", "fp16")) as face,
        ReferenceEngine(card.graph_path("head", "fp16")) as head,
    ):
        yield Networks(face, head)


def extreme_crops():
    noise = np.random.default_rng(0).integers(0, 256, (128, 128))
    spot = np.pad(np.full((8, 8), 255.0), 60)
    chequers = 255.0 * (np.indices((128, 128)).sum(axis=0) // 8 % 2)
    grays = [np.zeros((128, 128)), np.full((128, 128), 255.0), noise, chequers, spot, 255.0 - spot]
    return {"crops": np.stack(grays)[:, None].astype(np.float32)}


def test_no_crop_overflows(networks, in_half):
    wide, half = (pair.face.infer(extreme_crops())["embeddings"] for pair in (networks("fp32"), in_half))
    assert np.isfinite(half).all()
    np.testing.assert_allclose(half, wide, atol=0.03)


def test_a_face_wholly_in_half_would_overflow(monkeypatch, tmp_path):
    """So these crops are extreme enough, and the arithmetic is real."""
    kinds = {node.op_type for node in fp32("face").graph.node} - {"Shape", "Resize", "Concat"}
    monkeypatch.setattr("engines.precision.fp16._HEAVY", kinds)
    write(to_fp16(fp32("face")), tmp_path / "half.onnx")
    with ReferenceEngine(tmp_path / "half.onnx") as engine:
        assert not np.isfinite(engine.infer(extreme_crops())["embeddings"]).all()


def extreme_sounds():
    time_s = np.arange(3 * RATE_HZ) / RATE_HZ
    tone = np.sin(2 * np.pi * 200 * time_s)
    noise = np.random.default_rng(1).uniform(-1, 1, time_s.size)
    click = np.where(np.arange(time_s.size) == RATE_HZ + 80, 1.0, 0.0)
    for wave in (np.zeros_like(tone), 1e-6 * tone, np.sign(tone), noise, click):
        features = sound_matrix(wave.astype(np.float32)).features
        yield features[WINDOW_FRAMES : 2 * WINDOW_FRAMES]
    yield np.random.default_rng(3).uniform(-1e4, 1e4, features[:WINDOW_FRAMES].shape)  # what no microphone gives


def row(features, slots, frames, size):
    """A window with the first `slots` and `frames` unmasked; what is masked holds garbage."""
    feeds = {
        "embeddings": np.full((1, VIDEO_SLOTS, size), 1e6, np.float32),
        "video_mask": np.zeros((1, VIDEO_SLOTS), np.float32),
        "sound": np.full((1, WINDOW_FRAMES, features.shape[1]), -1e6, np.float32),
        "sound_mask": np.zeros((1, WINDOW_FRAMES), np.float32),
    }
    feeds["embeddings"][:, :slots] = np.random.default_rng(2).uniform(0, 3, (1, slots, size))
    feeds["sound"][0, :frames] = features[:frames]
    feeds["video_mask"][:, :slots], feeds["sound_mask"][:, :frames] = 1.0, 1.0
    return feeds


@pytest.mark.parametrize(("slots", "frames"), [(15, 100), (15, 0), (0, 100), (0, 0), (1, 1)])
def test_no_sound_and_no_mask_overflows(networks, in_half, card, slots, frames):
    each = [row(features, slots, frames, card.embedding_size) for features in extreme_sounds()]
    feeds = {name: np.concatenate([one[name] for one in each]) for name in each[0]}
    wide, half = (pair.head.infer(feeds) for pair in (networks("fp32"), in_half))
    for name in wide:
        assert np.isfinite(half[name]).all()
        np.testing.assert_allclose(softmax(half[name], 1.0), softmax(wide[name], 1.0), atol=1e-2)
