import numpy as np
import pytest

from engines.parity.measures import Agreement, Errors
from engines.parity.tolerance import TIE


def probabilities(*rows):
    return np.array([[*row, *([0.0] * (7 - len(row)))] for row in rows], np.float32)


def test_a_different_winner_is_a_tie_only_where_the_reference_sees_one():
    clear, close = (0.6, 0.4), (0.5 + 0.4 * TIE, 0.5 - 0.4 * TIE)
    told = Agreement.between(
        probabilities(clear, close, close, clear), probabilities((0.4, 0.6), (0.4, 0.6), close, clear)
    )
    assert (told.n, told.same, told.ties) == (4, 3, 1)
    assert told.share == 0.75


def test_a_margin_beyond_the_tie_is_a_disagreement_however_close_the_candidate_is():
    wide = (0.5 + TIE, 0.5 - TIE)
    told = Agreement.between(probabilities(wide), probabilities((0.4999, 0.5001)))
    assert (told.same, told.ties) == (0, 0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_agrees_with_nothing(value):
    rows = probabilities((0.9, 0.1), (0.2, 0.8))
    spoiled = rows.copy()
    spoiled[0, 6] = value
    told = Agreement.between(rows, spoiled)
    assert (told.same, told.ties) == (1, 0)
    errors = Errors.between(rows, spoiled)
    assert (errors.most, errors.mean) == (np.inf, np.inf)
    assert errors.as_json() == {"most": None, "mean": None}


def test_nothing_differs_by_nothing():
    none = np.empty((0, 7), np.float32)
    assert Errors.between(none, none) == Errors(0.0, 0.0)
    assert Agreement.between(none, none).share == 1.0


def test_errors_are_absolute():
    errors = Errors.between(np.array([1.0, 2.0, 3.0], np.float32), np.array([1.5, 1.0, 3.0], np.float32))
    assert (errors.most, errors.mean) == (1.0, 0.5)
