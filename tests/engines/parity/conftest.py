from __future__ import annotations

import pytest

from edge.infer.card import load_card
from edge.infer.onnx_engine import OnnxEngine
from engines.parity.made_up import made_up_feeds
from engines.parity.runs import Networks


@pytest.fixture(scope="package")
def card():
    return load_card()


@pytest.fixture(scope="package")
def shipped(card):
    """The reference: both networks in fp32, active."""
    with OnnxEngine(card.face_path) as face, OnnxEngine(card.head_path) as head:
        yield Networks(face, head)


@pytest.fixture(scope="package")
def feeds():
    return made_up_feeds(moments=6)
