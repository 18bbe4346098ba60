from __future__ import annotations

import os

from edge.config import cache_dir, config_file, state_dir
from edge.config import paths as paths_module


def test_config_file_of_an_ordinary_user(tmp_path, monkeypatch):
    monkeypatch.setattr(paths_module, "SYSTEM_CONFIG", tmp_path / "etc" / "config.toml")
    environ = {"HOME": str(tmp_path)}
    assert config_file(environ) is None
    users = tmp_path / ".config" / "edge-emotion" / "config.toml"
    users.parent.mkdir(parents=True)
    users.touch()
    assert config_file(environ) == users
    (tmp_path / "etc").mkdir()
    paths_module.SYSTEM_CONFIG.touch()
    assert config_file(environ) == paths_module.SYSTEM_CONFIG


def test_state_lies_where_systemd_says(tmp_path):
    assert state_dir({"STATE_DIRECTORY": f"{tmp_path}/a:{tmp_path}/b"}) == tmp_path / "a"


def test_state_of_an_ordinary_user_is_xdg(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(paths_module, "SYSTEM_STATE", tmp_path / "absent")
    assert state_dir({"HOME": "/home/me"}).as_posix() == "/home/me/.local/state/edge-emotion"
    assert state_dir({"XDG_STATE_HOME": "/s"}).as_posix() == "/s/edge-emotion"
    assert state_dir({"HOME": "/home/me", "XDG_STATE_HOME": "relative"}).as_posix().startswith("/home/me/")


def test_state_of_root_is_the_systems(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(paths_module, "SYSTEM_STATE", tmp_path / "absent")
    assert state_dir({"HOME": "/root"}) == tmp_path / "absent"


def test_cache_is_xdg():
    assert cache_dir({"XDG_CACHE_HOME": "/c"}).as_posix() == "/c/edge-emotion"


def test_a_user_without_a_home_finds_nothing_and_starts(monkeypatch):
    def nobody_knows():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(paths_module.Path, "home", nobody_knows)
    assert cache_dir({}).as_posix() == "/.cache/edge-emotion"
    assert config_file({}) in (None, paths_module.SYSTEM_CONFIG)
