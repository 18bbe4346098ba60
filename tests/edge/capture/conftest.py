from __future__ import annotations

import pytest

from edge.capture.source import make_sources
from tests.clips import Clips
from tests.microphone import VirtualMicrophone, needs_virtual_microphone


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    return Clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def plugged_in():
    """A virtual microphone under os.environ, for the tests of one file."""
    needs_virtual_microphone()
    with pytest.MonkeyPatch.context() as patch, VirtualMicrophone() as microphone:
        for name, value in microphone.environment.items():
            patch.setenv(name, value)
        yield microphone


@pytest.fixture
def microphone(plugged_in):
    _, microphone = make_sources("none", "default")
    yield microphone
    microphone.close()
