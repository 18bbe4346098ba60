from __future__ import annotations

import os
from pathlib import Path

import pytest

from edge.doctor import Machine


@pytest.fixture
def machine(tmp_path):
    """A machine without a board, a GPU and a config file, whose settings are `flags`."""

    def make(root=None, *, environ=None, opens_devices=True, **flags):
        given = {"STATE_DIRECTORY": str(tmp_path / "state"), **(environ or {})}
        return Machine(flags, Path(os.devnull), given, root or tmp_path / "root", opens_devices=opens_devices)

    return make
