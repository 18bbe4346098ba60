"""Disks to provision, and something small to provision them with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.provision.command import SYSTEM_PYTHON
from tests.deploy.release.image import Image, empty_image
from tests.deploy.release.tiny import tiny_wheel


@pytest.fixture
def image() -> Iterator[Image]:
    """The test's own."""
    if not Path(SYSTEM_PYTHON).exists():
        pytest.skip(f"{SYSTEM_PYTHON} is not there")
    with empty_image() as made:
        yield made


@pytest.fixture
def source(tmp_path) -> Path:
    """A wheel that is installed in two seconds."""
    return tiny_wheel(tmp_path / "wheels", "1.0")
