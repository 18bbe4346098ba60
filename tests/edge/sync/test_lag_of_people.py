"""Real people, filmed in step: their clips joined, and the sound's stamps moved."""

import zipfile
from dataclasses import replace

import numpy as np
import pytest

from edge.capture.media import frames, load_sound
from edge.clock import NS_PER_MS, NS_PER_S
from edge.features.face import make_detector
from edge.features.face_features import FaceFeatures
from edge.features.sound_features import SoundFeatures, joined
from edge.samples import RATE_HZ, Chunk
from edge.sync.aligner import Aligner

CLIPS = 6
CHUNK = RATE_HZ // 50


@pytest.fixture(scope="module")
def person(shared_data, tmp_path_factory):
    """All faces and all sound frames of one person's clips end to end, and how long they are in seconds."""
    if not (shared_data / "av_dev.zip").is_file():
        pytest.skip(f"no av_dev.zip in {shared_data}")
    with zipfile.ZipFile(shared_data / "av_dev.zip") as archive:
        names = sorted(name for name in archive.namelist() if "1001" in name and name.endswith(".mp4"))[:CLIPS]
        clips = [archive.extract(name, tmp_path_factory.mktemp("clips")) for name in names]
    looker, seen, waves, end_ns = FaceFeatures(make_detector(), _no_embeddings), [], [], 0
    for clip in clips:
        start_ns, wave = load_sound(clip)
        wave = np.concatenate([np.zeros(start_ns * RATE_HZ // NS_PER_S, np.float32), wave])
        seen += [looker.step(replace(frame, t_ns=frame.t_ns + end_ns)) for frame in frames(clip)]
        waves.append(wave)
        end_ns += len(wave) * NS_PER_S // RATE_HZ
    return seen, _heard(np.concatenate(waves)), end_ns // NS_PER_S


def _no_embeddings(crops):
    return np.zeros((len(crops), 1), np.float32)


def _heard(wave):
    features, runs = SoundFeatures(), []
    for first in range(0, len(wave), CHUNK):
        t_ns = first * NS_PER_S // RATE_HZ
        runs.append(features.step(Chunk(t_ns, t_ns, first, wave[first : first + CHUNK])))
    return joined([run for run in runs if run is not None], features.noise_db)


def told(person, shift_ms):
    """The estimator after all of it."""
    seen, sound, seconds = person
    aligner, moved = Aligner(), replace(sound, t_ns=sound.t_ns + shift_ms * NS_PER_MS)
    for second in range(1, seconds + 1):
        span = (second - 1) * NS_PER_S, second * NS_PER_S
        for frame in seen:
            if span[0] <= frame.t_ns < span[1]:
                aligner.add_faces(frame)
        heard = (span[0] <= moved.t_ns) & (moved.t_ns < span[1])
        fields = ("t_ns", "features", "level_db", "voice")
        aligner.add_sound(replace(moved, **{name: getattr(moved, name)[heard] for name in fields}))
        aligner.estimate_lag(span[1])
    return aligner.lag


def test_a_known_shift_is_found_within_seconds_of_speech(person):
    in_step = told(person, 0)
    assert in_step.lock == "locked"
    assert abs(in_step.lag_ms) <= in_step.ci_ms
    assert in_step.applied_ms == 0.0
    for shift_ms in (-200, 125, 500):
        lag = told(person, shift_ms)
        assert lag.lag_ms - in_step.lag_ms == pytest.approx(shift_ms, abs=20)
        assert abs(lag.lag_ms - shift_ms) <= lag.ci_ms
        assert lag.applied_ms == pytest.approx(lag.lag_ms, abs=20)
