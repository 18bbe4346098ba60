import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from edge.errors import EdgeError, UsageError
from edge.infer.card import CARD_FILE, FACE_FILE, HEAD_FILE, load_card
from edge.infer.engine import EngineError
from engines.cli import main
from engines.precision import derive
from engines.precision.evidence import evidence as evidence_of
from engines.precision.publish import export_precisions, publish


@pytest.fixture(autouse=True)
def little_arithmetic(monkeypatch):
    monkeypatch.setattr(derive, "_ROWS_IN_HALF", 3)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def told(folder):
    return json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))


def without_precisions(folder):
    """As students were exported before there were other precisions."""
    for path in folder.glob("*.fp16.onnx"), folder.glob("*.int8.onnx"):
        for one in path:
            one.unlink()
    card = told(folder)
    del card["precisions"]
    (folder / CARD_FILE).write_text(json.dumps(card))
    return folder


def test_an_older_student_gets_both_and_keeps_what_it_had(folder, evidence):
    before = contents(without_precisions(folder))
    export_precisions(folder, ("fp16", "int8"), evidence)
    after = contents(folder)
    assert {name: after[name] for name in before if name != CARD_FILE} == {
        name: content for name, content in before.items() if name != CARD_FILE
    }
    card = load_card(folder)
    assert card.precisions == ("fp32", "fp16", "int8")
    assert all(card.graph_path(graph, "int8").exists() for graph in ("face", "head"))
    assert {key: value for key, value in told(folder).items() if key != "precisions"} == json.loads(before[CARD_FILE])
    assert told(folder)["precisions"]["int8"]["calibration"] == "drawn faces and tones"
    assert told(folder)["precisions"]["fp16"]["parity"]["in_half"]["rows"] == 3


def test_one_is_made_anew_and_the_other_stays(folder, evidence):
    before = contents(folder)
    export_precisions(folder, ("fp16",), evidence)
    after = contents(folder)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= {CARD_FILE}
    assert list(told(folder)["precisions"]) == ["fp16", "int8"]
    assert told(folder)["precisions"]["fp16"]["parity"]["source"] == "drawn faces and tones"


def test_what_a_new_student_lacks_goes(folder, tmp_path):
    card = told(folder)
    del card["precisions"]["int8"]
    draft = tmp_path / "draft"
    draft.mkdir()
    publish(card, draft, folder)
    assert not list(folder.glob("*.int8.onnx"))
    assert len(list(folder.glob("*.fp16.onnx"))) == 2
    assert load_card(folder).precisions == ("fp32", "fp16")


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_what_says_something_else_is_not_written(folder, evidence, monkeypatch, precision):
    """A converter that errs: the biases of the last matrix stand in another order."""
    real = getattr(derive, f"to_{precision}")

    def wrong(*given):
        model = real(*given)
        for tensor in model.graph.initializer:
            if tensor.name == "classify_audio.bias":
                other = np.roll(numpy_helper.to_array(tensor), 1) + np.arange(7, dtype=np.float32)
                tensor.CopyFrom(numpy_helper.from_array(other, tensor.name))
        return model

    monkeypatch.setattr(derive, f"to_{precision}", wrong)
    before = contents(folder)
    with pytest.raises(EdgeError, match=r"(?i)refused .*audio \(head\).*Nothing is written"):
        export_precisions(folder, (precision,), evidence)
    assert contents(folder) == before


def test_an_overflow_that_onnx_runtime_hides_is_refused(folder, evidence, monkeypatch):
    kinds = {node.op_type for node in onnx.load(folder / FACE_FILE).graph.node} - {"Shape", "Resize", "Concat"}
    monkeypatch.setattr("engines.precision.fp16._HEAVY", kinds)
    with pytest.raises(EdgeError, match=r"(?i)reference:student_face.*refused"):
        export_precisions(folder, ("fp16",), evidence)


def test_no_precision_is_made_of_a_damaged_student(folder, evidence):
    (folder / HEAD_FILE).write_bytes(b"other")
    with pytest.raises(EdgeError, match="sha256"):
        export_precisions(folder, ("fp16",), evidence)


def test_a_file_that_is_not_the_card_s_is_not_handed_out(folder):
    path = load_card(folder).graph_path("face", "fp16")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(EngineError, match=r"student_face\.fp16\.onnx is not the one"):
        load_card(folder).graph_path("face", "fp16")
    path.unlink()
    with pytest.raises(EngineError, match="cannot be read"):
        load_card(folder).graph_path("face", "fp16")


def test_a_precision_that_is_not_there_is_named_with_what_to_run(folder):
    card = load_card(without_precisions(folder))
    assert card.precisions == ("fp32",)
    with pytest.raises(EngineError, match=r"not there in int8, only in fp32: .*--precisions int8"):
        card.graph_path("head", "int8")


@pytest.mark.parametrize(
    "garbled", [None, 7, [], {"fp16": None}, {"fp16": {}}, {"fp16": {"face_sha256": 3}}, {"fp8": {}}]
)
def test_a_garbled_entry_is_one_sentence(folder, garbled):
    card = load_card(folder)
    with pytest.raises(EngineError):
        replace(card, raw={**card.raw, "precisions": garbled}).graph_path("face", "fp16")


def test_int8_without_recordings_says_how_to_name_them(folder, evidence):
    none = replace(evidence, calibration=evidence_of(None).calibration)
    with pytest.raises(UsageError, match="--data"):
        export_precisions(folder, ("int8",), none)


def test_the_command_makes_fp16_without_a_checkpoint(folder, capsys, monkeypatch, evidence):
    monkeypatch.setattr("engines.precision.evidence.evidence", lambda _data: evidence)
    line = ["export", "--out", str(without_precisions(folder)), "--precisions", "fp16", "--precisions-only"]
    assert main([*line, "--checkpoint", "none.pt"]) == 0
    assert capsys.readouterr().out.startswith(f"Made fp16 of 011d9beb into {folder}.\nfp16: off fp32 by ")
    assert load_card(folder).precisions == ("fp32", "fp16")


def test_a_folder_without_a_student_is_named(tmp_path, capsys):
    assert main(["export", "--out", str(tmp_path), "--precisions-only"]) == 64
    assert f"no student in {tmp_path}" in capsys.readouterr().err


def test_an_unknown_precision_is_named(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["export", "--precisions", "fp16,bf16"])
    assert ended.value.code == 64
    assert "'bf16' is unknown" in capsys.readouterr().err
