"""The gate compares what two releases say of the same machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.as_service import rights_of
from deploy.files import unit_file
from deploy.step import DeployError
from deploy.steps.gate import GateStep
from deploy.steps.release import ReleaseStep
from tests.deploy.release.image import Image, empty_image
from tests.deploy.release.tiny import tiny_wheel


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Iterator[Image]:
    """Its release in force has no camera."""
    with empty_image() as made:
        made.provision(tiny_wheel(tmp_path_factory.mktemp("first"), "1.0", failing=["camera"]))
        yield made


def test_on_a_first_install_failures_are_told_and_end_nothing(image):
    assert image.warnings == ["doctor: camera: it is broken. Mend it."]
    assert image.releases.in_force.startswith("1.0-")


def test_what_failed_before_may_fail_again(image, tmp_path):
    site = image.site(tiny_wheel(tmp_path, "1.1", failing=["camera"]))
    ReleaseStep().run(site)
    GateStep().run(site)
    assert any(name.startswith("1.1-") for name in image.releases.names)


def test_a_release_whose_doctor_breaks_is_deleted(image, tmp_path):
    site = image.site(tiny_wheel(tmp_path, "1.2", failing=None))
    ReleaseStep().run(site)
    with pytest.raises(DeployError, match=r"The doctor of 1\.2-.* does not run: ImportError: no doctor"):
        GateStep().run(site)
    assert not any(name.startswith("1.2-") for name in image.releases.names)
    assert image.releases.in_force.startswith("1.0-")


def test_rights_are_taken_from_the_unit_and_nothing_else():
    rights = rights_of(unit_file("edge-emotion.service").read_text())
    names = {line.partition("=")[0] for line in rights}
    assert {"DynamicUser", "SupplementaryGroups", "DeviceAllow", "StateDirectory", "CapabilityBoundingSet"} <= names
    assert not names & {"ExecStart", "Type", "Restart", "WatchdogSec", "After", "WantedBy"}
    assert "Environment=CUDA_CACHE_PATH=/var/cache/edge-emotion/cuda" in rights, "%C would be taken as it is"
    assert sum(line.startswith("DeviceAllow=") for line in rights) > 1
