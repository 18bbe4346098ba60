import hashlib
import json

import numpy as np
import pytest

import edge
from engines.recipe import Recipe, hash_files, read_recipe


@pytest.fixture
def recipe():
    return Recipe("audio", "weights.pt", 7, {"rate": 1e-4, "steps": 100}, {"a.tar": "00ff"}, {"uar": 0.5}, 12.5)


def test_a_recipe_lies_beside_its_artefact_and_comes_back(recipe, tmp_path):
    path = recipe.write(tmp_path / "weights.pt")
    assert path == tmp_path / "recipe.json"
    assert read_recipe(tmp_path / "weights.pt") == recipe
    assert [file.name for file in tmp_path.iterdir()] == ["recipe.json"]


def test_it_names_seed_settings_data_figures_seconds_and_versions(recipe, tmp_path):
    written = json.loads(recipe.write(tmp_path / "weights.pt").read_text())
    assert written["seed"] == 7
    assert written["settings"] == {"rate": 1e-4, "steps": 100}
    assert written["data"] == {"a.tar": "00ff"}
    assert written["figures"] == {"uar": 0.5}
    assert written["seconds"] == 12.5
    assert written["versions"]["edge-emotion"] == edge.__version__
    assert written["versions"]["numpy"] == np.__version__


def test_files_are_hashed_by_name(tmp_path):
    (tmp_path / "b.zip").write_bytes(b"two")
    (tmp_path / "a.tar").write_bytes(b"one")
    expected = {"a.tar": hashlib.sha256(b"one").hexdigest(), "b.zip": hashlib.sha256(b"two").hexdigest()}
    assert hash_files([tmp_path / "b.zip", tmp_path / "a.tar"]) == expected


@pytest.mark.parametrize("text", ["", "[]", "{}", "nothing"])
def test_a_recipe_that_cannot_be_read_is_none(text, tmp_path):
    (tmp_path / "recipe.json").write_text(text)
    assert read_recipe(tmp_path / "weights.pt") is None
    assert read_recipe(tmp_path / "elsewhere" / "weights.pt") is None
