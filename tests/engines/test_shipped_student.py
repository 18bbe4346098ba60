"""The ONNX files that are in the package."""

import hashlib
import json

import numpy as np
import pytest

from edge.infer.card import FACE_FILE, HEAD_FILE, MODELS_FOLDER
from edge.infer.onnx_engine import OnnxEngine
from edge.samples import EMOTIONS
from engines.evaluation import Judge, evaluate_av, evaluate_fer2013, evaluate_speech
from tests.engines.data_folder import archive

CHANCE = 1 / 7


@pytest.fixture(scope="module")
def judge():
    return Judge(MODELS_FOLDER)


@pytest.fixture(scope="module")
def card():
    return json.loads((MODELS_FOLDER / "student.json").read_text(encoding="utf-8"))


def shape(entry, n):
    return [n if size == "n" else size for size in entry["shape"]]


def test_the_card_has_the_hashes_of_its_files(card):
    contents = [(MODELS_FOLDER / name).read_bytes() for name in (FACE_FILE, HEAD_FILE)]
    assert card["files"] == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in zip((FACE_FILE, HEAD_FILE), contents, strict=True)
    }
    assert card["model_sha256"] == hashlib.sha256(b"".join(contents)).hexdigest()


def test_files_are_small_and_hold_nothing_of_the_machine_they_were_made_on():
    for name in (FACE_FILE, HEAD_FILE):
        content = (MODELS_FOLDER / name).read_bytes()
        assert len(content) < 5_000_000
        assert b".py" not in content


@pytest.mark.parametrize("n", [1, 3, 8])
@pytest.mark.parametrize("name", [FACE_FILE, HEAD_FILE])
def test_inputs_and_outputs_are_what_the_card_says(card, name, n):
    network = card["networks"][name]
    feeds = {key: np.ones(shape(entry, n), np.float32) for key, entry in network["inputs"].items()}
    with OnnxEngine(MODELS_FOLDER / name) as engine:
        answers = engine.infer(feeds)
    assert {key: list(value.shape) for key, value in answers.items()} == {
        key: shape(entry, n) for key, entry in network["outputs"].items()
    }
    assert all(np.isfinite(value).all() for value in answers.values())


def test_the_card_tells_what_the_daemon_needs(card):
    assert card["labels"] == list(EMOTIONS)
    assert set(card["temperature"]) == {"fused", "video", "audio", "utterance"}
    assert all(0.2 < value < 6 for value in card["temperature"].values())
    assert CHANCE < card["uncertain_below"] < 0.7
    assert card["parameters"] <= 600_000
    assert 2 * card["macs"][FACE_FILE] <= 40_000_000  # a multiply-add is two operations
    assert 2 * card["macs"][HEAD_FILE] <= 5_000_000


def test_the_card_names_everybody_it_knows_and_the_terms_that_follow(card):
    voices = {entry["name"]: entry for entry in card["data"]}
    assert set(voices) == {"fer2013", "ravdess", "emodb", "nemo"}
    known = {*voices["ravdess"]["parts"]["train"]["people"], *voices["ravdess"]["parts"]["validation"]["people"]}
    assert not known & {"05", "19", "20"}
    assert "non-commercial" in card["terms"]
    assert len(card["training"]["recipe"]["teachers"]) == 3


def test_a_masked_modality_leaves_the_other_one_alone(judge):
    random = np.random.default_rng(0)
    feeds = {
        "embeddings": random.random((2, 15, judge.card.embedding_size), np.float32),
        "video_mask": np.array([[1] * 15, [0] * 15], np.float32),
        "sound": random.normal(0, 20, (2, 100, 120)).astype(np.float32),
        "sound_mask": np.array([[0] * 100, [1] * 100], np.float32),
    }
    with OnnxEngine(judge.card.head_path) as engine:
        answers = engine.infer(feeds)
    assert np.allclose(answers["fused"][0], answers["video"][0], atol=1e-5)
    assert np.allclose(answers["fused"][1], answers["audio"][1], atol=1e-5)


@pytest.mark.timeout(120)
def test_faces_it_never_saw_are_recognised_far_above_chance(judge):
    judged = evaluate_fer2013(judge, archive("fer2013_train_public.zip"), most=300)
    assert judged["n"] == 300
    assert judged["accuracy"] > 0.55  # a linear model reaches 0.45
    assert judged["ece"] < 0.15


@pytest.mark.timeout(120)
def test_voices_it_never_heard_are_recognised_far_above_chance(judge):
    judged = evaluate_speech(judge, archive("ravdess_speech_dev.tar"), most=60)
    assert judged["n"] == 60
    assert judged["uar"] > 0.5  # a linear model on whole utterances reaches 0.46


@pytest.mark.timeout(300)
def test_a_filmed_actor_it_never_met_is_recognised_above_chance(judge):
    judged = evaluate_av(judge, archive("av_dev.zip"))
    assert judged["both"]["n"] == 60
    assert judged["both"]["uar"] > 0.6
    assert judged["both"]["uar"] > judged["video"]["uar"]
    assert judged["both"]["uar"] > judged["audio"]["uar"]


def test_the_card_agrees_with_a_fresh_look(judge, card):
    judged = evaluate_speech(judge, archive("emodb_speech_dev.tar"))
    assert judged["n"] == card["figures"]["speech"]["emodb"]["n"]
    assert judged["accuracy"] == pytest.approx(card["figures"]["speech"]["emodb"]["accuracy"], abs=0.04)
