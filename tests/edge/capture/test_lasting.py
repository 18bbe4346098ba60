from __future__ import annotations

import pytest

from edge.capture.lasting import Lasting


def verdicts(lasting, seen, every=1):
    return [lasting.step(so, k * every) for k, so in enumerate(seen)]


@pytest.mark.parametrize(
    ("begins", "ends", "seen", "expected"),
    [
        (2, 0, [0, 1, 1, 1, 0, 1], [0, 0, 0, 1, 0, 0]),
        (2, 2, [1, 1, 1, 0, 0, 1, 0, 0, 0], [0, 0, 1, 1, 1, 1, 1, 1, 0]),
        (0, 1, [1, 0, 0], [1, 1, 0]),
        (2, 0, [1, 0, 1, 0, 1, 0], [0, 0, 0, 0, 0, 0]),
    ],
)
def test_only_what_lasts_counts(begins, ends, seen, expected):
    assert verdicts(Lasting(begins, ends), map(bool, seen)) == list(map(bool, expected))


def test_a_pause_before_the_first_sign_is_no_part_of_it():
    lasting = Lasting(2, 0)
    assert not lasting.step(False, 0)
    assert not lasting.step(True, 100)
    assert not lasting.step(True, 101)
    assert lasting.step(True, 102)
