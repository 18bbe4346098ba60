from __future__ import annotations

import errno
import os
import resource
import stat
import tempfile

import pytest

from edge.config import enabled_file, is_enabled, read_switch, service_switch_elsewhere, set_enabled
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


@pytest.mark.parametrize("content", [b"garbage", b"\xff\xfe", b"O", b"ONON"])
def test_a_switch_that_cannot_be_understood_is_off_and_told(tmp_path, content):
    environ = {"STATE_DIRECTORY": str(tmp_path)}
    enabled_file(environ).write_bytes(content)
    assert not is_enabled(environ)
    on, trouble = read_switch(environ)
    assert not on
    assert trouble is not None
    assert str(enabled_file(environ)) in trouble
    assert "edge-emotion enable" in trouble
    set_enabled(True, environ)
    assert read_switch(environ) == (True, None)


@pytest.mark.parametrize(("content", "on"), [(b"", False), (b"OFF\n", False), (b"off", False), (b" on\n\n", True)])
def test_a_switch_that_was_written_needs_no_words(tmp_path, content, on):
    environ = {"STATE_DIRECTORY": str(tmp_path)}
    enabled_file(environ).write_bytes(content)
    assert read_switch(environ) == (on, None)


@pytest.mark.parametrize("before", [None, True, False])
def test_where_no_second_file_can_be_made_the_switch_is_written_over(tmp_path, monkeypatch, before):
    environ = {"STATE_DIRECTORY": str(tmp_path)}
    if before is not None:
        set_enabled(before, environ)

    def full(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", full)
    for wish in (False, True, True, False, False):
        set_enabled(wish, environ)
        assert is_enabled(environ) == wish
        assert enabled_file(environ).read_bytes() == (b"ON\n" if wish else b"OFF\n")


def test_off_needs_no_room_at_all(tmp_path, monkeypatch):
    environ = {"STATE_DIRECTORY": str(tmp_path)}
    set_enabled(True, environ)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        set_enabled(False, environ)
        with pytest.raises(EdgeError, match="File too large"):
            set_enabled(True, environ)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not is_enabled(environ)
    assert [path.name for path in tmp_path.iterdir()] == ["enabled"]


def test_what_a_killed_writer_left_is_swept_up_when_it_is_old(tmp_path):
    environ = {"STATE_DIRECTORY": str(tmp_path)}
    old, young = tmp_path / ".enabled-old", tmp_path / ".enabled-young"
    for left in (old, young):
        left.mkdir()
        (left / "enabled").write_text("O")
    os.utime(old, (0, 0))
    set_enabled(False, environ)
    assert {path.name for path in tmp_path.iterdir()} == {"enabled", ".enabled-young"}


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


@pytest.mark.timeout(30)
def test_what_is_no_file_is_off_and_not_waited_for(tmp_path):
    environ = {"STATE_DIRECTORY": str(tmp_path)}
    os.mkfifo(tmp_path / "enabled")
    assert not is_enabled(environ), "a pipe nobody writes to"
    (tmp_path / "enabled").unlink()
    (tmp_path / "enabled").symlink_to("/dev/zero")
    assert not is_enabled(environ), "a device that never ends"
