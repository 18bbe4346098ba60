"""What the process tests share."""

from __future__ import annotations

import json
from importlib import resources

import jsonschema
import pytest

from tests.bench.scene import Scene
from tests.clips import Clips


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    return Clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture
def scene(tmp_path, demo_clip_path):
    """A folder, the demo clip, and the means to start brokers and daemons."""
    return Scene(tmp_path, demo_clip_path, True, lambda _: None)


@pytest.fixture(scope="session")
def emotion_schema():
    text = resources.files("edge.publish").joinpath("emotion.schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))
