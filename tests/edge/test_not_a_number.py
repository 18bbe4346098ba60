"""A network that answers NaN, ONNX Runtime's own too: what is published is old or nothing, never wrong."""

from __future__ import annotations

import numpy as np
import pytest

from edge.infer.card import load_card
from edge.infer.student import Student
from edge.infer.switching_engine import SwitchingEngine
from tests.edge.rig import Rig, has_face, missed, normal
from tests.faulty_engine import FaultyEngine, filled


@pytest.fixture
def networks():
    """ONNX Runtime's engines by the names of their files."""
    return {}


@pytest.fixture
def rig(demo_clip_path, networks):
    def engine(path):
        networks[path.name.split(".")[0]] = FaultyEngine(path)
        return SwitchingEngine(networks[path.name.split(".")[0]], lambda _: None)

    student = Student(load_card(), engine)
    student.activate()
    with Rig(demo_clip_path, student) as rig:
        rig.until(normal, times=3)
        yield rig
    student.deactivate()


def finite(result):
    verdicts = [face.verdict for face in result.faces]
    if result.voice.verdict is not None:
        verdicts.append(result.voice.verdict)
    return all(np.isfinite([*one.probabilities, one.confidence, one.valence, one.arousal]).all() for one in verdicts)


def test_a_window_head_that_says_nan(rig, networks):
    networks["student_head"].fault = filled(float("nan"))
    rig.until(missed, times=2)
    seen = rig.until(missed, times=8)
    assert all(face.verdict.uncertain for result in seen for face in result.faces), "what is held is marked"
    assert not seen[-1].faces, "and for a second only"
    (judge,) = [stage for stage in rig.pipeline.stages if stage.name == "judge"]
    assert "NaN" in judge.error(rig.clock.now_ns())
    networks["student_head"].fault = None
    rig.until(normal, times=3)
    assert all(map(finite, rig.results))
    assert rig.seqs == list(range(rig.seqs[0], rig.seqs[0] + len(rig.seqs)))


def test_a_face_encoder_that_says_infinity(rig, networks):
    networks["student_face"].fault = filled(float("inf"))
    rig.until(lambda result: not has_face(result), times=3)
    networks["student_face"].fault = None
    rig.until(normal, times=3)
    assert all(map(finite, rig.results))
    assert rig.seqs == list(range(rig.seqs[0], rig.seqs[0] + len(rig.seqs)))
