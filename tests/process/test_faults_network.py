"""A bad network between daemon and camera."""

from __future__ import annotations

import pytest

from tests.fault_bench.network import FAULTS, LINKED
from tests.process.faults import settled_site, survived

pytestmark = pytest.mark.timeout(300)


def test_results_go_on_through_delays_and_cuts(tmp_path, demo_clip_path):
    with settled_site(tmp_path, demo_clip_path, **LINKED) as here:
        survived(here, FAULTS["network-late"])
        survived(here, FAULTS["network-cut"])
