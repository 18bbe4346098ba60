"""The lag as a user meets it: a film whose sound is in step, and the same with its sound moved."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from edge.capture.media import load_sound
from edge.samples import RATE_HZ
from tests.process.command import Running

LATER_MS = 250


@pytest.fixture
def later(demo_clip_path, tmp_path):
    """The clip's sound, LATER_MS late."""
    _, sound = load_sound(demo_clip_path)
    silence = np.zeros(LATER_MS * RATE_HZ // 1000, np.float32)
    path = tmp_path / "later.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.concatenate([silence, sound]) * 32767).astype(np.int16).tobytes())
    return path


@pytest.mark.timeout(90)
def test_sound_that_was_moved_is_found_and_moved_back(demo_clip_path, later):
    words = ["--camera", demo_clip_path, "--broker", "none", "--json", "--mic"]
    with Running(*words, demo_clip_path) as in_step, Running(*words, later) as moved:
        first, second = in_step.finish(60).results, moved.finish(60).results
    locked = [[one["sync"] for one in results if one["sync"]["lock"] == "locked"] for results in (first, second)]
    assert all(locked)
    there, later_ms = (one[-1]["audio_lag_ms"] for one in locked)
    # One clip holds six seconds of speech, and its tail is silent.
    assert later_ms - there == pytest.approx(LATER_MS, abs=40)
    assert abs(there) < locked[0][-1]["audio_lag_ci_ms"]
    assert {sync["method"] for sync in locked[0]} <= {"timestamps", "dtw"}, "what is in step is left alone"
    assert "offset" in {sync["method"] for sync in locked[1]}
    assert any(face["speaking"] for one in second for face in one["faces"])
