from __future__ import annotations

import threading

import pytest

from tests.edge.accelerator.rig import AcceleratorRig


@pytest.fixture
def make_rig(tmp_path):
    """Rigs that are stopped at the end."""
    made = []

    def make(**settings):
        made.append(AcceleratorRig(tmp_path, **settings))
        return made[-1]

    yield make
    for rig in made:
        rig.accelerator.stop()


@pytest.fixture
def rig(make_rig):
    """With plans in the store."""
    rig = make_rig()
    rig.builder.save()
    return rig


@pytest.fixture
def release():
    """What hangs until then."""
    event = threading.Event()
    yield event
    event.set()
