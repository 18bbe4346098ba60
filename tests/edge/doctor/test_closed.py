"""Which privacy switch keeps the doctor from opening anything."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.doctor.closed import switched_off
from tests import boards


@pytest.fixture
def both(tmp_path, monkeypatch):
    """This user's folder and the service's."""
    monkeypatch.setattr("edge.config.switch.SYSTEM_STATE", tmp_path / "service")
    return {"STATE_DIRECTORY": str(tmp_path / "own")}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, None),
        ({"own/enabled": "ON\n", "service/enabled": "ON\n"}, None),
        ({"own/enabled": "OFF\n"}, "recognition is switched OFF (edge-emotion enable"),
        ({"service/enabled": "OFF\n"}, "the service's recognition is switched OFF"),
        ({"own/enabled": "ON\n", "service/enabled": ""}, "the service's recognition is switched OFF"),
        ({"service/enabled": "perhaps"}, "neither ON nor OFF"),
    ],
)
def test_either_switch_is_enough(files, words, both, tmp_path):
    (tmp_path / "service").mkdir()
    boards.write(tmp_path, files)
    reason = switched_off(both)
    assert (reason is None) if words is None else (words in reason)


def test_a_service_whose_switch_may_not_be_read_counts_as_off(monkeypatch):
    with tempfile.TemporaryDirectory() as folder:  # below tmp_path nobody but its owner may read anything
        root = boards.write(Path(folder), {"service/enabled": "ON\n", "own/enabled": "ON\n"})
        root.chmod(0o755)
        (root / "service").chmod(0)
        monkeypatch.setattr("edge.config.switch.SYSTEM_STATE", root / "service")
        with _ordinary_user():
            reason = switched_off({"STATE_DIRECTORY": str(root / "own")})
        (root / "service").chmod(0o755)
    assert reason is not None
    assert "use sudo" in reason


@contextmanager
def _ordinary_user():
    """Root may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)
