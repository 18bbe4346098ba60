"""Disks to install on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy.release.image import Image, empty_image


@pytest.fixture
def image() -> Iterator[Image]:
    """The test's own."""
    with empty_image() as made:
        yield made
