from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from edge.errors import EdgeError
from edge.infer.card import FACE_FILE, MODELS_FOLDER, load_card
from edge.infer.engine import EngineError
from edge.infer.onnx_engine import OnnxEngine


def crops(n=1, dtype=np.float32, side=128):
    return np.zeros((n, 1, side, side), dtype)


def test_it_is_a_context_manager_and_can_be_entered_again():
    engine = OnnxEngine(load_card().face_path)
    for _ in range(2):
        with engine as active:
            assert active.infer({"crops": crops(3)})["embeddings"].shape[0] == 3
        with pytest.raises(EngineError, match="not active"):
            engine.infer({"crops": crops()})


@pytest.mark.parametrize(
    ("feeds", "named"),
    [
        ({"crop": crops()}, "crop"),
        ({}, "crops"),
        ({"crops": crops(), "more": crops()}, "more"),
        ({"crops": crops(dtype=np.float64)}, "float64"),
        ({"crops": crops(dtype=np.uint8)}, "uint8"),
        ({"crops": crops(side=64)}, "64"),
        ({"crops": crops()[0]}, "shape"),
    ],
)
def test_wrong_feeds_are_named(feeds, named):
    with OnnxEngine(load_card().face_path) as engine, pytest.raises(EngineError, match=named):
        engine.infer(feeds)


def test_a_file_that_is_no_model_is_one_sentence(tmp_path):
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(EngineError, match=r"broken\.onnx"):
        OnnxEngine(path).activate()


@pytest.fixture
def models(tmp_path):
    for path in MODELS_FOLDER.iterdir():
        if path.suffix in {".onnx", ".json"}:
            shutil.copy(path, tmp_path)
    return tmp_path


def test_a_damaged_model_is_not_loaded(models):
    path = models / FACE_FILE
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(EdgeError, match="sha256"):
        load_card(models)


def test_a_missing_model_is_named(models):
    (models / FACE_FILE).unlink()
    with pytest.raises(EdgeError, match=FACE_FILE):
        load_card(models)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": ["happy"]},
        {"labels": 7},
        {"temperature": {}},
        {"temperature": 1.0},
        {"temperature": {"fused": 1.0, "video": 0.0, "audio": 1.0}},
        {"temperature": {"fused": 1.0, "video": 1.0, "audio": 1.0, "utterance": -1.0}},
        {"embedding_size": None},
    ],
)
def test_a_card_that_does_not_fit_is_refused(models, change):
    path = models / "student.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(EdgeError, match="card"):
        load_card(models)


def test_a_card_that_is_a_list_is_refused(models):
    (models / "student.json").write_text("[]")
    with pytest.raises(EdgeError, match="list"):
        load_card(models)


def test_onnx_runtime_writes_nothing_and_reports_to_nobody(tmp_path):
    code = "from edge.infer.card import load_card; from edge.infer.onnx_engine import OnnxEngine\n"
    code += "OnnxEngine(load_card().face_path).activate()"
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environ = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", code], env={**environ, **home}, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []
