import numpy as np
import pytest

from engines.evaluation.bootstrap import gain_over_better, intervals, resampled
from engines.metrics import figures, sums_of_rows


def verdicts(labels, said, confidence=0.9):
    rows = np.full((len(labels), 7), (1 - confidence) / 6, np.float32)
    rows[np.arange(len(labels)), said] = confidence
    return rows


def sums(labels, said):
    labels = np.asarray(labels, np.int64)
    return sums_of_rows(labels, verdicts(labels, np.asarray(said, np.int64)))


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    random = np.random.default_rng(0)
    one = sums(random.integers(0, 7, 80), random.integers(0, 7, 80))
    assert intervals(one) == intervals(one)
    assert intervals(one, seed=1) != intervals(one, seed=2)


def test_the_interval_of_an_accuracy_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(1)
    truth, covered, sets = 0.7, 0, 250
    labels = np.arange(70) % 7
    for _ in range(sets):
        said = np.where(random.random(70) < truth, labels, (labels + 1) % 7)
        low, high = intervals(sums(labels, said), resamples=200)["accuracy"]
        covered += low <= truth <= high
    assert 0.89 <= covered / sets <= 0.99


def test_what_is_always_right_has_no_spread_and_no_rows_give_no_interval():
    assert intervals(sums([0, 1, 2], [0, 1, 2]))["accuracy"] == [1.0, 1.0]
    assert intervals(sums([], [])) == {}


def test_one_resample_is_a_set_of_the_same_size():
    random = np.random.default_rng(2)
    labels, said = random.integers(0, 7, 50), random.integers(0, 7, 50)
    drawn = np.random.default_rng(5).integers(50, size=50)
    expected = figures(labels[drawn], verdicts(labels, said)[drawn])
    got = {name: float(values[0]) for name, values in resampled(sums(labels, said), 3, 5).items()}
    assert got == pytest.approx({name: expected[name] for name in got}, abs=1e-4)


def test_a_gain_is_measured_on_the_same_utterances():
    labels = np.arange(70) % 7
    wrong = (labels + 1) % 7
    fused = sums(labels, labels)
    ears = sums(labels, np.where(np.arange(70) < 49, labels, wrong))
    eyes = sums(labels, np.where(np.arange(70) < 35, labels, wrong))
    gain = gain_over_better(fused, {"video": eyes, "audio": ears})
    assert gain["better"] == "audio"
    assert gain["uar"] == pytest.approx(0.3)
    assert 0.15 < gain["interval"][0] < 0.3 < gain["interval"][1] < 0.45
    assert gain["above_zero"] == 1.0


def test_against_itself_there_is_nothing_to_gain():
    labels = np.arange(70) % 7
    one = sums(labels, np.where(np.arange(70) < 40, labels, 0))
    assert gain_over_better(one, {"video": one, "audio": one})["interval"] == [0.0, 0.0]
