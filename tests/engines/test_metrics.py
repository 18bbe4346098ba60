import numpy as np
import pytest

from engines.calibration import fit_temperature, uncertain_below
from engines.metrics import expected_calibration_error, figures


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
