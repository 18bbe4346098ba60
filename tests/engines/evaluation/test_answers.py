import numpy as np
import pytest

from engines.evaluation.answers import Answers
from engines.metrics import reliability
from tests.engines.evaluation.test_bootstrap import verdicts


def answers(labels, said, people, windows=()):
    labels = np.asarray(labels)
    return Answers(labels, np.asarray(people, np.str_), verdicts(labels, np.asarray(said)), tuple(windows))


def test_people_are_judged_one_by_one_and_then_averaged():
    block = answers([0, 1, 0, 1, 0, 1], [0, 1, 0, 0, 1, 0], ["a", "a", "b", "b", "c", "c"]).block()["people"]
    assert {person: figures["uar"] for person, figures in block["each"].items()} == {"a": 1.0, "b": 0.5, "c": 0.0}
    assert block["mean"]["uar"] == 0.5
    assert block["sd"]["uar"] == 0.5
    assert block["n"] == 3


def test_one_person_has_no_deviation_and_pictures_of_nobody_no_people():
    assert answers([0, 1], [0, 1], ["a", "a"]).block()["people"]["sd"]["uar"] is None
    assert "people" not in answers([0, 1], [0, 1], []).block()


def test_windows_are_counted_one_by_one_and_drawn_by_utterance():
    labels = [k % 7 for k in range(42)]
    right = [verdicts([label] * 8, [label] * 8) for label in labels]
    wrong = [verdicts([label] * 8, [(label + 1) % 7] * 8) for label in labels]
    windows = [one if k < 21 else other for k, (one, other) in enumerate(zip(right, wrong, strict=True))]
    block = answers(labels, labels, ["a"] * 42, windows).block()["windows"]
    assert block["n"] == 42 * 8
    assert block["accuracy"] == 0.5
    low, high = block["intervals"]["accuracy"]
    assert 0.2 < high - low < 0.4  # 336 windows on their own would give 0.11


def test_no_rows_at_all_give_zeros():
    block = Answers(np.empty(0, np.int64), np.empty(0, np.str_), np.empty((0, 7), np.float32)).block()
    assert (block["n"], block["accuracy"], block["intervals"], block["reliability"]) == (0, 0.0, {}, [])


def test_bins_of_reliability_hold_every_verdict_once():
    random = np.random.default_rng(0)
    rows = random.dirichlet(np.ones(7) * 0.4, 500).astype(np.float32)
    labels = random.integers(0, 7, 500)
    bins = reliability(labels, rows)
    assert sum(one["n"] for one in bins) == 500
    inside = (rows.max(1) >= bins[3]["from"]) & (rows.max(1) < bins[3]["to"])
    assert bins[3]["n"] == inside.sum()
    assert bins[3]["confidence"] == pytest.approx(rows.max(1)[inside].mean(), abs=1e-4)
    assert bins[3]["accuracy"] == pytest.approx((rows.argmax(1) == labels)[inside].mean(), abs=1e-4)
