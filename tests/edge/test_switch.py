from __future__ import annotations

import os
import stat

import pytest

from edge.config import enabled_file, is_enabled, service_switch_elsewhere, set_enabled
from edge.errors import EdgeError


def test_the_switch_is_on_until_somebody_turns_it_off(tmp_path):
    environ = {"STATE_DIRECTORY": str(tmp_path / "deep" / "state")}
    assert is_enabled(environ)
    path = set_enabled(False, environ)
    assert path == enabled_file(environ)
    assert not is_enabled(environ)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    set_enabled(True, environ)
    assert is_enabled(environ)
    assert [file.name for file in path.parent.iterdir()] == ["enabled"]


@pytest.mark.parametrize("content", [b"", b"OFF", b"garbage", b"\xff\xfe", b"O"])
def test_a_switch_that_cannot_be_understood_is_off(tmp_path, content):
    environ = {"STATE_DIRECTORY": str(tmp_path)}
    enabled_file(environ).write_bytes(content)
    assert not is_enabled(environ)


def test_a_switch_that_is_no_file_is_off_and_told(tmp_path, monkeypatch):
    environ = {"STATE_DIRECTORY": str(tmp_path)}
    (enabled_file(environ) / "inside").mkdir(parents=True)
    assert not is_enabled(environ)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(EdgeError, match=r"privacy switch .*sudo"):
        set_enabled(True, environ)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(EdgeError, match=r"privacy switch .*STATE_DIRECTORY") as caught:
        set_enabled(True, environ)
    assert "sudo" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["enabled"]


def test_the_services_switch_is_pointed_out(tmp_path, monkeypatch):
    from edge.config import switch

    monkeypatch.setattr(switch, "SYSTEM_STATE", tmp_path)
    assert service_switch_elsewhere({"STATE_DIRECTORY": "/elsewhere"}) == tmp_path / "enabled"
    assert service_switch_elsewhere({"STATE_DIRECTORY": str(tmp_path)}) is None
