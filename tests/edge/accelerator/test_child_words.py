from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.accelerator.child_words import LONGEST_LINE, MOST_NONSENSE, ChildWords, NonsenseError, Word


def line(**words) -> bytes:
    return json.dumps(words).encode() + b"\n"


def test_words_are_understood_however_they_are_cut():
    text = line(graph="face", phase="kernels", done=0.34) + line(graph="head", phase="kernels", done=1)
    text += b"\n" + line(refused="too far off") + line(built=["a.plan"])
    whole = ChildWords().feed(text)
    assert whole == [Word(0.34, "face kernels"), Word(1.0, "head kernels"), Word(refused="too far off"), Word()]
    words = ChildWords()
    assert [word for byte in text for word in words.feed(bytes([byte]))] == whole


@pytest.mark.parametrize(
    "said",
    [
        *[b"{}", b"[]", b"1", b'"done"', b"\xff\xfe", b"[" * 4000, b'{"refused": 1}', b'{"built": "a"}'],
        *[f'{{"done": {value}}}'.encode() for value in ('"1"', "true", "NaN", "1.01", "-0.1", "null", "Infinity")],
    ],
)
def test_other_words_are_borne_a_few_times(said):
    words = ChildWords()
    for _ in range(MOST_NONSENSE):
        assert words.feed(said + b"\n") == []
    with pytest.raises(NonsenseError):
        words.feed(said + b"\n")


def test_a_line_without_an_end_and_words_without_one_are_too_much(monkeypatch):
    monkeypatch.setattr("edge.accelerator.child_words.MOST_BYTES", 10_000)
    words = ChildWords()
    words.feed(b"x" * LONGEST_LINE)
    with pytest.raises(NonsenseError):
        words.feed(b"x")
    words, one = ChildWords(), line(done=0.5)
    for _ in range(10_000 // len(one)):
        words.feed(one)
    with pytest.raises(NonsenseError):
        words.feed(one)


@given(st.binary(max_size=3000))
def test_whatever_comes_there_is_no_other_error(data):
    try:
        words = ChildWords().feed(data)
    except NonsenseError:
        return
    assert all(word.done is None or 0.0 <= word.done <= 1.0 for word in words)
