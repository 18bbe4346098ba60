from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from edge.publish.asyncapi.yaml_text import as_yaml

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_WORDS = [
    "ON",
    "off",
    "yes",
    "n",
    "null",
    "~",
    "1",
    "1e3",
    "0x1f",
    "1_0",
    "2026-11-22",
    "12:30",
    "$ref",
    "=",
    "<<",
    "&a",
    "*a",
    "!a",
    "%a",
    "@a",
    "`a",
]
_LIKE_OTHER_THINGS = st.sampled_from(
    [*_WORDS, "", " a", "a ", "a: b", "a #b", "- a", "? a", "a\nb", "\x85", "\u2028", "😀"]
)
_VALUES = st.recursive(
    _SCALARS | _LIKE_OTHER_THINGS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | _LIKE_OTHER_THINGS, inner),
)


@given(_VALUES)
def test_what_is_written_is_read_back_the_same(value):
    assert yaml.safe_load(as_yaml(value)) == value


def test_people_can_read_it():
    value = {"a": {"$ref": "#/b", "enum": ["ON", None], "empty": [], "none": {}}, "list": [{"x": 1, "z": [[1.5], []]}]}
    assert as_yaml(value) == (
        'a:\n  $ref: "#/b"\n  enum: ["ON", null]\n  empty: []\n  none: {}\n'
        "list:\n  - x: 1\n    z:\n      - [1.5]\n      - []\n"
    )


def test_what_json_does_not_know_is_refused():
    with pytest.raises(ValueError):
        as_yaml(float("nan"))
