from __future__ import annotations

import pytest

from tests.clips import Clips


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    return Clips(tmp_path_factory.mktemp("clips"))
