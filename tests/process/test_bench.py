"""`edge-emotion bench`: the table's shape, not its figures."""

from __future__ import annotations

import json

import pytest

from tests.process.command import run

pytestmark = pytest.mark.timeout(300)


def test_it_measures_what_it_says(demo_clip_path):
    done = run("bench", "--seconds", "3", "--json")
    assert done.code == 0, done.err
    report = json.loads(done.out)
    rows = {row["name"]: row for row in report["rows"]}
    assert report["seconds"] == 3
    assert 5 <= rows["ticks received"]["value"] <= 16
    assert rows["newest sample to subscriber, p50"]["value"] <= rows["newest sample to subscriber, p99"]["value"]
    assert 0 < rows["resident memory"]["value"] < 4000
    assert rows["cores used"]["value"] > 0
    for row in rows.values():
        assert row["met"] == (None if row["target"] is None else row["value"] <= row["target"])


def test_the_table_names_each_row_and_its_verdict(demo_clip_path):
    done = run("bench", "--seconds", "2")
    assert done.code == 0
    assert "start to first result" in done.out
    assert "kept" in done.out or "missed" in done.out


def test_seconds_that_cannot_be_are_refused():
    done = run("bench", "--seconds", "-1")
    assert done.code == 64
    assert "-1" in done.sentence
