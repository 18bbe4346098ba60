from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'edge-emotion[train]'")

from edge.infer.card import MODELS_FOLDER, load_card  # noqa: E402
from edge.infer.onnx_engine import OnnxEngine  # noqa: E402
from engines.parity.made_up import made_up_feeds  # noqa: E402
from engines.parity.runs import Networks  # noqa: E402
from engines.precision.calibration import CalibrationSet  # noqa: E402
from engines.precision.evidence import Evidence  # noqa: E402


@pytest.fixture(scope="package")
def card():
    return load_card()


@pytest.fixture(scope="package")
def networks(card):
    """Both graphs in a precision, active."""
    opened = []

    @cache
    def of(precision):
        pair = Networks(*(OnnxEngine(card.graph_path(graph, precision)) for graph in ("face", "head")))
        opened.extend(pair)
        for engine in pair:
            engine.activate()
        return pair

    yield of
    for engine in opened:
        engine.deactivate()


@pytest.fixture(scope="package")
def feeds():
    return made_up_feeds(moments=6)


@pytest.fixture(scope="package")
def calibration(networks, feeds):
    """As wide as what is compared: drawn faces and tones."""
    crops = [feeds.face_feeds(slice(begin, begin + 8)) for begin in range(0, len(feeds.crops), 8)]
    embeddings = np.concatenate([networks("fp32").face.infer(batch)["embeddings"] for batch in crops])
    return CalibrationSet(crops, [feeds.head_feeds(embeddings, slice(0, 25))], "drawn faces and tones")


@pytest.fixture
def evidence(feeds, calibration):
    return Evidence(lambda _face, _size: feeds, lambda _face: calibration)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A student of one's own."""
    return Path(shutil.copytree(MODELS_FOLDER, tmp_path / "models", ignore=shutil.ignore_patterns("__pycache__")))
