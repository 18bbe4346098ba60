"""Packages of apt: what is missing is installed, what came is taken back, what is needed by now stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from deploy.apt import Apt
from deploy.no_daemons import no_daemons
from deploy.step import DeployError
from deploy.steps import apt_packages
from deploy.steps.apt_packages import AptPackagesStep
from tests.deploy.release.archive import Archive
from tests.deploy.release.image import Image, empty_image

_STEP = AptPackagesStep()


@pytest.fixture(autouse=True)
def _wanted(monkeypatch):
    monkeypatch.setattr(apt_packages, "_ALWAYS", ("edge-made-up", "edge-made-up-new|edge-made-up-old"))


@pytest.fixture(scope="module")
def archived() -> Iterator[tuple[Image, Archive]]:
    """An image with an archive of packages, of which none is installed."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("no dpkg-deb here: packages are Debian's")
    with empty_image() as image:
        archive = Archive(image)
        archive.add("edge-made-up", depends="edge-made-up-part")
        archive.add("edge-made-up-part")
        archive.add("edge-made-up-old")
        archive.add("edge-of-the-user", depends="edge-made-up-part", suggests="edge-made-up")
        yield image, archive


@pytest.fixture
def image(archived) -> Image:
    return archived[0]


def test_the_missing_are_told_and_installed_with_what_they_need(image):
    site = image.site(None, install_broker=False)
    assert _STEP.plan(site) == ["install from apt: edge-made-up edge-made-up-new"]
    _STEP.run(site)
    assert {"edge-made-up", "edge-made-up-part", "edge-made-up-old"} <= Apt(image.host).installed()
    assert {*site.receipt.names("packages")} == {"edge-made-up", "edge-made-up-part", "edge-made-up-old"}
    assert _STEP.plan(site) == []


def test_no_daemon_is_started_in_an_image(image):
    assert image.path("/var/lib/dpkg/info/edge-made-up.postinst").exists()
    assert not image.path("/srv/started-edge-made-up").exists()
    assert not image.path("/usr/sbin/policy-rc.d").exists()


def test_a_policy_of_the_machines_own_stays(image):
    policy = image.path("/usr/sbin/policy-rc.d")
    policy.write_text("#!/bin/sh\nexit 104\n")
    with no_daemons(image.host):
        assert "104" in policy.read_text()
    assert "104" in policy.read_text()
    policy.unlink()
    with no_daemons(image.host):
        assert "101" in policy.read_text()
    assert not policy.exists()


def test_what_is_the_users_by_now_stays_and_is_told(image):
    settings = image.path("/etc/init.d/edge-made-up-old")
    settings.write_text(settings.read_text() + "# mine\n")
    Apt(image.host).install(["edge-of-the-user"], lambda line: None)
    site = image.site(None, install_broker=False)
    assert _STEP.undo(site) == [
        "/etc/init.d/edge-made-up-old: it was changed since edge-made-up-old came",
        "packages of apt that something else needs: edge-made-up-part",
    ]
    assert settings.exists()
    there = Apt(image.host).installed()
    assert {"edge-of-the-user", "edge-made-up-part"} <= there
    assert not there & {"edge-made-up", "edge-made-up-old"}
    assert not image.path("/etc/init.d/edge-made-up").exists(), "with its settings"


def test_a_package_that_nobody_has_is_told_before_anything_is_installed(image, monkeypatch):
    monkeypatch.setattr(apt_packages, "_ALWAYS", ("edge-made-up-old", "edge-nowhere|edge-nowhere-old"))
    with pytest.raises(DeployError, match="knows no package edge-nowhere or edge-nowhere-old: add the archive"):
        _STEP.run(image.site(None, install_broker=False))
    assert "edge-made-up-old" not in Apt(image.host).installed()


def test_without_an_archive_to_reach_it_is_told(archived):
    """The last of this file: the archive is gone then."""
    image, archive = archived
    archive.close()
    with pytest.raises(DeployError, match=r"its servers cannot be reached; run the same command again when"):
        _STEP.run(image.site(None, install_broker=False))
    assert not {"edge-made-up", "edge-made-up-old"} & set(image.site(None).receipt.names("packages"))
    for lists in image.path("/var/lib/apt/lists").glob("*Packages*"):
        lists.unlink()
    with pytest.raises(DeployError, match="its lists cannot be fetched without a network"):
        _STEP.run(image.site(None, install_broker=False))
