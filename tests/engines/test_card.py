import json

import numpy as np

from edge.infer.card import MODELS_FOLDER, load_card
from engines.card import card_figures
from engines.evaluation.answers import Answers


def test_a_card_keeps_figures_and_intervals_and_leaves_details_out():
    rows = np.random.default_rng(0).dirichlet(np.ones(7), 28).astype(np.float32)
    people = np.array(["a", "b"] * 14, np.str_)
    block = Answers(np.arange(28) % 7, people, rows, tuple(rows[k : k + 1] for k in range(28))).block()
    result = {"speech": {"mine": block | {"skipped": [{"file": "x", "reason": "y"}]}}, "model": {"name": "student"}}
    kept = card_figures(result)["speech"]["mine"]
    assert card_figures(result).keys() == {"speech"}
    for name in ("n", "accuracy", "uar", "macro_f1", "ece", "confusion", "intervals"):
        assert kept[name] == block[name]
        assert kept["windows"][name] == block["windows"][name]
    assert kept["people"].keys() == {"n", "mean", "sd"}
    assert kept["skipped"] == 1
    assert "reliability" not in json.dumps(kept)


def test_the_shipped_card_is_still_read_by_the_device():
    assert load_card(MODELS_FOLDER).raw["figures"]["fer2013"]["n"] > 0
