"""What a card says of the data follows from the data that were read."""

import numpy as np
import soundfile

from engines.datasets.item import Item
from engines.datasets.manifest import Header, Manifest, write_manifest
from engines.provenance import provenance, terms


def manifest(folder, name, licence):
    soundfile.write(folder / "a.wav", np.ones(160), 16000)
    rows = [
        Item("a.wav", "sound", name, person, "sad", split, licence)
        for person, split in (("anna", "train"), ("bo", "test"))
    ]
    path = folder / f"{name}.manifest.csv"
    write_manifest(path, Manifest(folder, Header(name, licence, "me"), tuple(rows)))
    return path


def test_people_of_each_part_are_named(tmp_path):
    (entry,) = provenance([manifest(tmp_path, "recordings", "CC0-1.0")])
    assert entry["name"] == "recordings"
    assert entry["licence"] == "CC0-1.0"
    assert entry["parts"]["train"] == {"items": 1, "emotions": {"sad": 1}, "people": ["anna"]}
    assert entry["parts"]["test"]["people"] == ["bo"]


def test_terms_follow_from_the_licences(tmp_path):
    free, bound = manifest(tmp_path, "mine", "CC0-1.0"), manifest(tmp_path, "other", "CC BY-NC-SA 4.0")
    assert "non-commercial" not in terms(provenance([free]))
    said = terms(provenance([free, bound]))
    assert "non-commercial" in said
    assert "other (CC BY-NC-SA 4.0)" in said
    assert "mine" not in said
