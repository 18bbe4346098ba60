import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'edge-emotion[train]'")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from edge.errors import EdgeError  # noqa: E402
from edge.infer.card import load_card  # noqa: E402
from engines.explanation.network import TOLERANCE, OnnxNetwork  # noqa: E402

torch.set_num_threads(1)
INPUT = (2, 4, 9, 11)


def written(path, kind, constants=(), opset=18, outputs=1, **attributes):
    """A graph of one node on `x` (2, 4, 9, 11); None among the constants leaves that input out."""
    names = ["x", *("" if value is None else f"c{k}" for k, value in enumerate(constants))]
    node = helper.make_node(kind, names, [f"y{k}" for k in range(outputs)], **attributes)
    given = [numpy_helper.from_array(np.asarray(v), f"c{k}") for k, v in enumerate(constants) if v is not None]
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, INPUT)],
        [helper.make_tensor_value_info(f"y{k}", TensorProto.FLOAT, None) for k in range(outputs)],
        given,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9), path)
    return path


def floats(*shape):
    return np.random.default_rng(3).normal(0, 1, shape).astype(np.float32)


def whole(*numbers):
    return np.array(numbers, np.int64)


ONE_NODE = [
    ("Conv", [floats(6, 4, 3, 3), floats(6)], dict(pads=[1, 0, 2, 1], strides=[2, 1])),
    ("Conv", [floats(4, 1, 3, 3)], dict(group=4, dilations=[2, 2])),
    ("AveragePool", [], dict(kernel_shape=[4, 4], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=0)),
    ("AveragePool", [], dict(kernel_shape=[4, 4], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)),
    ("MaxPool", [], dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])),
    ("GlobalAveragePool", [], {}),
    ("Resize", [None, None, whole(2, 4, 5, 20)], dict(mode="linear", coordinate_transformation_mode="half_pixel")),
    ("Resize", [None, np.array([1, 1, 2, 2], np.float32)], dict(mode="linear")),
    ("ReduceMean", [whole(2, 3)], dict(keepdims=0)),
    ("ReduceSum", [whole(1)], {}),
    ("ReduceMax", [whole(-1)], {}),
    ("Slice", [whole(1, 0), whole(9, 11), whole(2, 3), whole(2, 3)], {}),
    ("Gather", [whole(3, -1, 0)], dict(axis=2)),
    ("Split", [whole(1, 3)], dict(axis=1)),
    ("Unsqueeze", [whole(0, -1)], {}),
    ("Reshape", [whole(0, -1)], {}),
    ("Flatten", [], dict(axis=2)),
    ("Expand", [whole(3, 1, 1, 1, 1)], {}),
    ("Transpose", [], dict(perm=[0, 2, 3, 1])),
    ("Clip", [np.float32(-0.5), None], {}),
    ("Clip", [None, np.float32(0.5)], {}),
    ("LayerNormalization", [floats(9, 11), floats(9, 11)], dict(axis=2, epsilon=1e-3)),
    ("BatchNormalization", [floats(4), floats(4), floats(4), np.abs(floats(4)) + 0.1], {}),
    ("Softmax", [], dict(axis=1)),
    ("LogSoftmax", [], {}),
    ("HardSigmoid", [], dict(alpha=0.3)),
    ("HardSwish", [], {}),
    ("LeakyRelu", [], dict(alpha=0.2)),
    ("PRelu", [np.abs(floats(4, 1, 1))], {}),
    ("Erf", [], {}),
    ("Min", [floats(11), floats(9, 1)], {}),
    ("MatMul", [floats(11, 5)], {}),
    ("Pow", [np.float32(2)], {}),
]


@pytest.mark.parametrize(("kind", "constants", "attributes"), ONE_NODE)
def test_each_operator_says_what_onnx_runtime_says(kind, constants, attributes, tmp_path):
    path = written(tmp_path / "one.onnx", kind, constants, outputs=2 if kind == "Split" else 1, **attributes)
    OnnxNetwork(path).check(path, torch.from_numpy(floats(*INPUT)))


def test_the_shipped_student_agrees_with_onnx_runtime_for_any_number_of_rows_and_masks():
    card, random = load_card(), np.random.default_rng(0)
    face, head = OnnxNetwork(card.face_path), OnnxNetwork(card.head_path)
    assert TOLERANCE <= 1e-4
    for n in (1, 3):
        face.check(card.face_path, torch.from_numpy(random.uniform(0, 255, (n, 1, 128, 128)).astype(np.float32)))
        rows = [
            random.normal(0, 1, (n, 15, card.embedding_size)),
            random.integers(0, 2, (n, 15)),
            random.normal(0, 20, (n, 100, 120)),
            random.integers(0, 2, (n, 100)),
        ]
        head.check(card.head_path, *(torch.from_numpy(row.astype(np.float32)) for row in rows))


def test_gradients_flow_to_every_pixel_of_a_crop():
    card = load_card()
    crops = (torch.rand(1, 1, 128, 128) * 255).requires_grad_()
    OnnxNetwork(card.face_path)(crops)[0].sum().backward()
    assert (crops.grad != 0).float().mean() > 0.9


def test_a_network_that_says_something_else_is_not_explained(tmp_path):
    one = written(tmp_path / "one.onnx", "Relu")
    other = written(tmp_path / "other.onnx", "Sigmoid")
    with pytest.raises(EdgeError, match=r"other\.onnx in torch differs"):
        OnnxNetwork(one).check(other, torch.from_numpy(floats(*INPUT)))


def test_an_operator_without_gradients_is_named(tmp_path):
    path = written(tmp_path / "round.onnx", "Round")
    with pytest.raises(EdgeError, match="Round"):
        OnnxNetwork(path)


def test_a_file_that_is_no_network_is_named(tmp_path):
    path = tmp_path / "text.onnx"
    path.write_text("no network")
    with pytest.raises(EdgeError, match=r"text\.onnx cannot be read"):
        OnnxNetwork(path)
