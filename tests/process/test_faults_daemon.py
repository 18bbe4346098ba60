"""A daemon that is stopped itself, and one whose camera goes and comes."""

from __future__ import annotations

import pytest

from tests.bench.scene import Scene
from tests.fault_bench import cycles, sleep

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def scene(tmp_path, demo_clip_path):
    return Scene(tmp_path, demo_clip_path, True, lambda _: None)


def test_a_daemon_that_stood_still_goes_on_with_what_is_new(scene):
    row = sleep.stopped(scene)
    assert row.figures["oldest_s"] <= 2.0
    assert row.figures["first_s"] <= 3.0
    assert row.figures["face_s"] is not None
    assert row.figures["tick_share"] >= 0.95


def test_a_camera_that_goes_and_comes_leaves_nothing_open(scene):
    row = cycles.unplugged(scene)
    assert not {"descriptors", "threads", "log", "every tick"}.intersection(row.figures["broken"]), row.measured
