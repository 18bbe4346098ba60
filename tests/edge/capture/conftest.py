from __future__ import annotations

import pytest

from edge.capture.source import make_sources
from tests.clips import Clips
from tests.microphone import plugged_in_microphone


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    return Clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def plugged_in():
    """A virtual microphone under os.environ, for the tests of one file."""
    with plugged_in_microphone() as microphone:
        yield microphone


@pytest.fixture
def microphone(plugged_in):
    _, microphone = make_sources("none", "default")
    yield microphone
    microphone.close()
