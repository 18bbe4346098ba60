"""A daemon without any device: for a while, or from the start."""

from __future__ import annotations

import pytest

from tests.fault_bench.together import FAULTS
from tests.process.faults import settled_site, survived

pytestmark = pytest.mark.timeout(300)


def test_devices_that_come_late_are_taken_and_may_both_go_again(tmp_path, demo_clip_path):
    with settled_site(tmp_path, demo_clip_path, **FAULTS["absent"].place) as here:
        survived(here, FAULTS["absent"])
        survived(here, FAULTS["both-killed"])
