"""A camera that is lost, stands still, or shows nothing that happens, beside a microphone that goes on."""

from __future__ import annotations

import pytest

from tests.fault_bench.cameras import FAULTS
from tests.process.faults import settled_site, survived

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def here(tmp_path_factory, demo_clip_path):
    with settled_site(tmp_path_factory.mktemp("site"), demo_clip_path) as settled:
        yield settled


@pytest.mark.parametrize("name", ["camera-killed", "camera-stopped", "camera-frozen"])
def test_it_is_noticed_marked_and_taken_back(here, name):
    survived(here, FAULTS[name])
    assert [one.payload for one in here.listener.on("status/audio")] == ["offline", "online"]
