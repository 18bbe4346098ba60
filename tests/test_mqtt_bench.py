from __future__ import annotations

import random

from tests.mqtt_bench.wishes import REAL, fuzzed


def test_no_fuzzed_command_is_one_and_all_come_again():
    wishes = list(fuzzed(random.Random(1), 500))
    assert len(wishes) == 500
    assert not REAL & set(wishes)
    assert len(set(wishes)) > 250
    assert max(map(len, wishes)) > 4096 > min(map(len, wishes))
    assert wishes == list(fuzzed(random.Random(1), 500))
