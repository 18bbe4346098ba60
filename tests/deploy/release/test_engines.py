"""The first engines are built with the service's rights, before the service wants them."""

from __future__ import annotations

import json

import pytest

from tests.boot.machine import machine
from tests.deploy.release.image import Image
from tests.deploy.release.jetson import make_jetson
from tests.deploy.release.tiny import tiny_wheel
from tests.wheels import checkout

_PROVISION = ("env", "PYTHONPATH=/srv/checkout", "/usr/bin/python3", "-m", "deploy.cli", "provision", "--no-broker")
_PLAN = "/var/lib/edge-emotion/engines/made.plan"


def test_engines_are_built_as_the_service_before_it_starts():
    with machine() as made:
        make_jetson(Image(made.root))
        checkout(made.path("/srv/checkout"))
        wheel = f"/srv/{tiny_wheel(made.path('/srv'), '1.0').name}"
        made.boot()
        planned = made.run(*_PROVISION, wheel, "--wheels", "/srv", "--dry-run", "--json", check=False)
        assert planned.returncode == 0, planned.stderr
        if "apt packages" in json.loads(planned.stdout):
            pytest.skip("packages of apt are missing here, and the machine of the test has no network")
        assert "engines" in planned.stdout
        later = made.run(*_PROVISION, wheel, "--wheels", "/srv", "--no-start", "--dry-run", "--json")
        assert "engines" not in json.loads(later.stdout), "a daemon that starts later builds them itself"
        done = made.run(*_PROVISION, wheel, "--wheels", "/srv", check=False, timeout_s=120)
        assert done.returncode == 0, done.stdout + done.stderr
        assert made.show("edge-emotion.service", "ActiveState") == "active"
        user = made.run("cat", _PLAN).stdout.removeprefix("by ")
        assert made.show("edge-emotion.service", "UID") == user != "0"
