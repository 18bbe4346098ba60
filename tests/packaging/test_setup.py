"""deploy/setup.sh on machines that are not this one, played by small programs in front of PATH."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.conftest import REPOSITORY

DPKG = """case " $ABSENT " in *" $3 "*) exit 1;; *) printf installed;; esac"""
APT_GET = """echo "apt-get $*" >>"$CALLS" """
APT_CACHE = """case " $UNKNOWN " in *" $2 "*) exit 1;; esac"""
# As far as the version, which ends the script: nothing is installed by pip.
PYTHON = 'case "$1" in -V) echo Python 3.8.1;; -) cat >/dev/null;; *) exit 1;; esac'


@pytest.fixture
def machine(tmp_path):
    """Runs the script as the user `uid`, with the Debian packages in `absent` not there; gives process and calls."""
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    calls = tmp_path / "calls"

    def run(absent="", *, unknown="", uid=0, sudo=True, purpose="demo"):
        programs = {"dpkg-query": DPKG, "apt-get": APT_GET, "apt-cache": APT_CACHE, "id": f"echo {uid}", "old": PYTHON}
        if sudo:
            programs["sudo"] = 'echo "sudo $1" >>"$CALLS"; exec "$@"'
        for name, body in programs.items():
            (stubs / name).write_text(f"#!/bin/sh\n{body}\n")
            (stubs / name).chmod(0o755)
        environ = {"ABSENT": absent, "UNKNOWN": unknown, "CALLS": str(calls), "PYTHON": str(stubs / "old")}
        environ["PATH"] = f"{stubs}:{os.environ['PATH']}"
        command = ["bash", REPOSITORY / "deploy" / "setup.sh", purpose]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30)
        return done, calls.read_text().splitlines() if calls.exists() else []

    return run


def test_nothing_is_installed_when_all_is_there(machine):
    done, calls = machine(absent="libglib2.0-0t64")
    assert calls == []
    assert "Python 3.8.1, 3.10 or newer is needed" in done.stderr
    assert done.returncode == 69


def test_only_what_is_missing_is_installed_after_one_update(machine):
    _done, calls = machine(absent="espeak-ng gcc")
    assert [call for call in calls if "update" in call] == ["apt-get update -qq"]
    (install,) = [call for call in calls if "install" in call]
    assert install.split()[-2:] == ["gcc", "espeak-ng"]


@pytest.mark.parametrize(("unknown", "chosen"), [("", "libglib2.0-0t64"), ("libglib2.0-0t64", "libglib2.0-0")])
def test_names_that_differ_between_releases(machine, unknown, chosen):
    _done, calls = machine(absent="libglib2.0-0 libglib2.0-0t64", unknown=unknown)
    assert calls[-1].split()[-1] == chosen


def test_an_ordinary_user_goes_through_sudo(machine):
    _done, calls = machine(absent="gcc", uid=1000)
    assert "sudo apt-get" in calls
    assert "sudo env" in calls


@pytest.mark.skipif(shutil.which("sudo") is not None, reason="this machine has sudo")
def test_without_root_and_sudo_the_packages_are_named(machine):
    done, calls = machine(absent="gcc espeak-ng", uid=1000, sudo=False)
    assert done.returncode == 69
    assert calls == []
    assert "neither root nor sudo" in done.stderr
    assert "gcc espeak-ng" in done.stderr


def test_tests_need_more_than_the_demo(machine):
    assert machine(absent="xvfb")[1] == []
    assert machine(absent="xvfb", purpose="test")[1][-1].endswith(" xvfb")


def test_the_device_bench_needs_its_own_machine(machine):
    assert machine(absent="qemu-utils", purpose="test")[1] == []
    assert machine(absent="qemu-utils", purpose="device")[1][-1].endswith(" qemu-utils")


def test_the_debian_package_is_built_with_what_its_control_file_names(machine):
    control = (REPOSITORY / "deploy" / "debian" / "control").read_text()
    listed = control.partition("Build-Depends:")[2].partition("\n\n")[0]
    needs = [need.replace("debhelper-compat (= 13)", "debhelper").strip() for need in listed.split(",")]
    done, calls = machine(absent=" ".join(needs).replace("|", ""), purpose="deb")
    assert done.returncode == 0, done.stderr
    assert {need.split()[0] for need in needs} == set(calls[-1].partition("--no-install-recommends ")[2].split())


def test_an_unknown_purpose_is_told(machine):
    done, _calls = machine(purpose="dance")
    assert done.returncode == 69
    assert "demo, check, test, device, train, gpu or deb" in done.stderr
