"""Hints of a speech network: for whom, and of what."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from dataclasses import replace

from edge.errors import UsageError
from engines.voice_hints import HINT_SIZE, read_hints
from tests.engines.tiny_data import tiny_speech


@pytest.fixture
def speech():
    speech = tiny_speech()
    return replace(speech, files=np.array([f"voices/u{number}.flac" for number in range(len(speech.labels))]))


def embeddings(path, count, shift=0.0):
    values = np.random.default_rng(3).normal(size=(count, 64))
    values[1::2] += shift
    np.savez(path, key=np.array([f"u{number}" for number in range(count)]), emb=values.astype(np.float16))
    return path


def test_only_training_people_whom_the_file_names_get_hints(speech, tmp_path):
    training = speech.parts == "train"
    hints = read_hints(embeddings(tmp_path / "e.npz", 10), speech, training)
    assert hints.shape == (len(speech.labels), HINT_SIZE)
    assert np.isfinite(hints).all(axis=1).tolist() == [number < 10 for number in range(len(speech.labels))]
    assert not np.isfinite(hints[~training]).any()


def test_who_speaks_is_not_in_the_hint(speech, tmp_path):
    training = speech.parts == "train"
    one = read_hints(embeddings(tmp_path / "a.npz", 16), speech, training)
    other = read_hints(embeddings(tmp_path / "b.npz", 16, shift=8.0), speech, training)
    assert np.mean(one[:16, :16] ** 2) == pytest.approx(1.0, rel=0.01)
    assert np.allclose(np.abs(one[:16, :4]), np.abs(other[:16, :4]), atol=0.05)


def test_another_file_is_named(speech, tmp_path):
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(UsageError, match=r"other\.npz holds no embeddings"):
        read_hints(tmp_path / "other.npz", speech, speech.parts == "train")
