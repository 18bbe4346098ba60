from types import SimpleNamespace

import numpy as np
import pytest

from edge.features import crop
from edge.samples import Detection
from engines.cache import cached
from engines.faces import most_central, pool_crop
from engines.noise import noisy_copy
from engines.sounds import SpeechSet


def speech(lengths, voiced):
    n = len(lengths)
    starts = np.cumsum([0, *lengths])
    features = np.arange(starts[-1])[:, None].repeat(120, 1).astype(np.float16)
    parts, sets = np.array(["train"] * n), np.array(["ravdess"] * n)
    return SpeechSet(features, voiced, starts, np.arange(n), parts, sets, sets, np.zeros(n, bool))


def test_windows_without_voice_are_left_out():
    voiced = np.zeros(300, bool)
    voiced[200:] = True
    windows = speech([300], voiced).windows("train", noisy=False)
    assert windows.first.tolist() == [150, 175, 200]


def test_a_short_utterance_gives_one_window_masked_beyond_its_end():
    windows = speech([60, 200], np.ones(260, bool)).windows("train", noisy=False)
    sound, mask = windows.get(np.array([0]))
    assert windows.owner.tolist() == [0, 1, 1, 1, 1, 1]
    assert mask.sum() == 60
    assert sound[0, 59, 0] == 59
    assert sound[0, 60:].max() == 0


def test_a_shifted_window_stays_inside_its_utterance():
    windows = speech([150, 150], np.ones(300, bool)).windows("train", noisy=False)
    sound, _ = windows.get(np.array([0, 3]), np.array([-12, -12]))
    assert sound[0, 0, 0] == 0
    assert sound[1, 0, 0] == 150


def test_noise_is_as_loud_as_it_says():
    random = np.random.default_rng(0)
    tone = (0.1 * np.sin(np.arange(16000) * 0.2)).astype(np.float32)
    for _ in range(20):
        noisy = noisy_copy(tone, random).astype(np.float64)
        gain = noisy @ tone / (tone @ tone)
        ratio_db = 10 * np.log10(np.sum((gain * tone) ** 2) / np.sum((noisy - gain * tone) ** 2))
        assert 1 < ratio_db < 31
        assert -11 < 20 * np.log10(gain) < 11


def test_pooling_outside_the_graph_equals_the_graph():
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")
    from engines.models.face_encoder import pool_crops

    face = np.random.default_rng(0).integers(0, 256, (128, 128)).astype(np.uint8)
    inside = pool_crops(torch.from_numpy(face[None, None].astype(np.float32)))[0, 0].numpy()
    assert np.abs(pool_crop(face)[1:-1, 1:-1] - inside[1:-1, 1:-1]).max() <= 0.5


def test_the_face_in_the_middle_is_taken():
    def at(x, width):
        box = SimpleNamespace(x=x, y=100 - width / 2, width=width, height=width)
        return Detection(box, np.zeros((5, 2), np.float32), 0.9)

    middle = at(80, 60)
    assert most_central([at(0, 60), middle, at(150, 30)], 220, 200) is middle
    assert most_central([], 220, 200) is None


def test_the_cache_follows_the_archive_and_the_code(tmp_path):
    archive = tmp_path / "a.zip"
    made = []

    def prepare():
        made.append(1)
        return {"x": np.array([len(made)])}

    archive.write_bytes(b"one")
    assert cached(tmp_path, "a", archive, [crop], prepare)["x"] == 1
    assert cached(tmp_path, "a", archive, [crop], prepare)["x"] == 1
    archive.write_bytes(b"three")
    assert cached(tmp_path, "a", archive, [crop], prepare)["x"] == 2
    assert not list(tmp_path.glob("*.partial*"))
