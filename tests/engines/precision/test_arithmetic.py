import numpy as np
import pytest
from onnx import TensorProto, helper

from edge.infer.engine import EngineError
from edge.infer.onnx_engine import OnnxEngine
from engines.precision.arithmetic import ReferenceEngine, few
from engines.precision.proto import write


@pytest.fixture
def squares(tmp_path):
    """y = x² in half a float, squared and rooted."""
    nodes = [
        helper.make_node("Cast", ["x"], ["half"], to=TensorProto.FLOAT16),
        helper.make_node("Mul", ["half", "half"], ["square"]),
        helper.make_node("Sqrt", ["square"], ["root"]),
        helper.make_node("Cast", ["root"], ["y"], to=TensorProto.FLOAT),
    ]
    io = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in "xy"]
    path = tmp_path / "squares.onnx"
    opset = [helper.make_opsetid("", 18)]
    write(helper.make_model(helper.make_graph(nodes, "g", io[:1], io[1:]), opset_imports=opset, ir_version=10), path)
    return path


def test_what_overflows_is_infinite_here_and_hidden_by_onnx_runtime(squares):
    given = {"x": np.array([3.0, 300.0], np.float32)}
    with ReferenceEngine(squares) as real, OnnxEngine(squares) as optimistic:
        np.testing.assert_array_equal(real.infer(given)["y"], [3.0, np.inf])
        np.testing.assert_array_equal(optimistic.infer(given)["y"], [3.0, 300.0])


def test_it_has_to_be_active(squares):
    engine = ReferenceEngine(squares)
    with pytest.raises(EngineError, match="not active"):
        engine.infer({})
    with engine:
        pass
    with pytest.raises(EngineError, match="not active"):
        engine.infer({})


def test_few_rows_keep_their_masks_cases_and_first_crops(feeds):
    some = few(feeds, 12)
    assert len(some.rows) == 12
    assert (some.rows[0].case, some.rows[-1].case) == (feeds.rows[0].case, "empty")
    assert len(some.crops) <= 12
    places = np.unique(np.linspace(0, len(feeds.rows) - 1, 12).astype(int))
    for row, one in zip(some.rows, (feeds.rows[place] for place in places), strict=True):
        np.testing.assert_array_equal(row.sight.mask, one.sight.mask)
        np.testing.assert_array_equal(row.sound.features, one.sound.features)
        if len(one.sight.places):
            np.testing.assert_array_equal(some.crops[row.sight.places[0]], feeds.crops[one.sight.places[0]])
