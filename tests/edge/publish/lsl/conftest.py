"""The streams of one process, and inlets for them."""

from __future__ import annotations

import pytest

from edge.publish.lsl.outlets import LslOutlets
from edge.publish.message import RunIdentity
from tests.lsl import Inlet, loopback_config, need_pylsl


@pytest.fixture(scope="session")
def lsl_config(tmp_path_factory):
    """Set before liblsl is first used: it reads its config once."""
    need_pylsl()
    path = loopback_config(tmp_path_factory.mktemp("lsl"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSLAPICFG", str(path))
        yield path


@pytest.fixture
def outlets(lsl_config, request):
    """Streams of a device that is named after the test."""
    made = LslOutlets(RunIdentity(f"desk-{abs(hash(request.node.name))}", "k3f9q2", "9f2c01ab"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def listen(lsl_config):
    """`listen(outlets, "results")` opens an inlet and returns when it is connected."""
    opened = []

    def _listen(outlets: LslOutlets, name: str) -> Inlet:
        opened.append(Inlet(f"edge-emotion-{outlets.identity.device}-{name}", lsl_config))
        opened[-1].described()
        return opened[-1]

    yield _listen
    for inlet in opened:
        inlet.__exit__()
