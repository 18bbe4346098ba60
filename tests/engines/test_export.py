"""A student that has learned nothing, all the way from torch to its files."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'edge-emotion[train]'")

from edge.errors import EdgeError  # noqa: E402
from edge.infer.card import load_card  # noqa: E402
from engines import export as exporting  # noqa: E402
from engines.export import OPSET, export  # noqa: E402
from engines.models.student import Student, face_example, head_example  # noqa: E402
from engines.parity.made_up import made_up_feeds  # noqa: E402
from engines.precision import derive  # noqa: E402
from engines.precision.evidence import Evidence, evidence  # noqa: E402

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def student():
    torch.manual_seed(3)
    return Student.new()


@pytest.fixture(scope="module")
def exported(student, tmp_path_factory):
    """The folder of an export over that of another student, which had int8."""
    folder = tmp_path_factory.mktemp("student")
    (folder / "student_face.int8.onnx").write_bytes(b"another student's")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(derive, "_ROWS_IN_HALF", 2)
        export(student, folder, None, ("fp16",), Evidence(lambda *_: made_up_feeds(2), evidence(None).calibration))
    return folder


def test_card_and_files_are_there_in_the_precisions_that_were_wished_for(exported):
    names = ["student.json", *(f"student_{g}{p}.onnx" for g in ("face", "head") for p in (".fp16", ""))]
    assert sorted(path.name for path in exported.iterdir()) == sorted(names)
    card = load_card(exported)
    assert card.precisions == ("fp32", "fp16")
    assert card.graph_path("head", "fp16").exists()


def test_every_file_says_nothing_of_its_making(exported):
    for path in exported.glob("*.onnx"):
        model = onnx.load(path)
        assert model.opset_import[0].version == OPSET
        assert not model.metadata_props
        assert not any(node.metadata_props or node.doc_string for node in model.graph.node)
        assert b".py" not in path.read_bytes()


@pytest.mark.parametrize(("graph", "example"), [("face", face_example), ("head", head_example)])
def test_a_file_of_another_network_is_noticed(student, exported, graph, example):
    inputs = {"face": exporting.FACE_INPUTS, "head": exporting.HEAD_INPUTS}[graph]
    network = getattr(student, graph)
    exporting._compare(network, example, load_card(exported).graph_path(graph), inputs)
    torch.manual_seed(4)
    other = getattr(Student.new().eval(), graph)
    with pytest.raises(EdgeError, match=f"student_{graph}.*differs by .* from torch"):
        exporting._compare(other, example, load_card(exported).graph_path(graph), inputs)
