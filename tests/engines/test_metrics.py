import numpy as np
import pytest

from engines.calibration import fit_temperature, uncertain_below
from engines.metrics import Sums, confusion, expected_calibration_error, figures, sums_of_rows, together


def sure(labels, confidence=0.94):
    rows = np.full((len(labels), 7), (1 - confidence) / 6, np.float32)
    rows[np.arange(len(labels)), labels] = confidence
    return rows


def test_figures_of_a_case_counted_by_hand():
    truth = np.array([0, 0, 0, 1, 2])
    judged = figures(truth, sure([0, 0, 1, 1, 1]))
    assert judged["n"] == 5
    assert judged["accuracy"] == pytest.approx(3 / 5)
    assert judged["uar"] == pytest.approx((2 / 3 + 1 + 0) / 3, abs=1e-4)
    assert judged["macro_f1"] == pytest.approx((0.8 + 0.5 + 0) / 3, abs=1e-4)
    assert judged["confusion"][0][:2] == [2, 1]
    assert judged["confusion"][2][1] == 1


def test_classes_that_do_not_occur_do_not_pull_the_uar_down():
    assert figures(np.array([3, 3]), sure([3, 3]))["uar"] == 1.0


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    truth = np.zeros(10, np.int64)
    assert expected_calibration_error(truth, sure([0] * 5 + [1] * 5, 0.9)) == pytest.approx(0.4, abs=1e-5)


def test_scores_of_random_verdicts_are_their_textbook_definitions():
    random = np.random.default_rng(3)
    rows, truth = random.dirichlet(np.ones(7), 400).astype(np.float32), random.integers(0, 6, 400)
    said, judged = rows.argmax(1), figures(truth, rows)
    recalls, f1s = [], []
    for label in range(6):
        hits = int(((truth == label) & (said == label)).sum())
        recall = hits / (truth == label).sum()
        precision = hits / max(1, (said == label).sum())
        recalls.append(recall)
        f1s.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    assert judged["uar"] == pytest.approx(np.mean(recalls), abs=1e-4)
    assert judged["macro_f1"] == pytest.approx(np.mean(f1s), abs=1e-4)
    assert judged["confusion"] == confusion(truth, rows).tolist()
    assert np.sum(judged["confusion"]) == 400


def test_sums_of_parts_are_sums_of_the_whole():
    random = np.random.default_rng(4)
    rows, truth = random.dirichlet(np.ones(7), 90).astype(np.float32), random.integers(0, 7, 90)
    parts = [together(sums_of_rows(truth[at : at + 30], rows[at : at + 30])) for at in (0, 30, 60)]
    whole = Sums(sum(part.tables for part in parts), sum(part.bins for part in parts))
    assert float(whole.scores()["ece"]) == pytest.approx(expected_calibration_error(truth, rows))
    assert float(whole.scores()["uar"]) == pytest.approx(figures(truth, rows)["uar"], abs=1e-4)


def test_the_temperature_of_exaggerated_logits_is_found():
    random = np.random.default_rng(0)
    logits = random.normal(0, 1.5, (20000, 7)).astype(np.float32)
    powers = np.exp(logits)
    chances = (powers / powers.sum(1, keepdims=True)).cumsum(1)
    labels = (random.random((20000, 1)) > chances).sum(1).clip(0, 6)
    assert fit_temperature(2.0 * logits, labels) == pytest.approx(2.0, rel=0.08)


def test_below_the_threshold_verdicts_are_mostly_wrong():
    random = np.random.default_rng(0)
    confidence = random.uniform(0.2, 0.99, 20000)
    rows = np.repeat((1 - confidence[:, None]) / 6, 7, axis=1)
    rows[:, 0] = confidence
    labels = np.where(random.random(20000) < confidence, 0, 1)
    assert uncertain_below(rows.astype(np.float32), labels) == pytest.approx(0.45, abs=0.05)
