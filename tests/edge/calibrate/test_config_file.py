from __future__ import annotations

import stat

import pytest

from edge.calibrate.config_file import target_file, write_offset
from edge.config import load_settings, paths
from edge.errors import EdgeError

OWN = """\
# my desk
camera = "0"   # the good one

[video]
fps = 25

[sync]  # measured in spring
audio_offset_ms = 12.5  # by hand

[mqtt]
username = 'me'
"""


def test_only_the_value_changes(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(OWN)
    write_offset(path, 43.2)
    assert path.read_text() == OWN.replace("12.5", "43.2")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        'camera = "1"',
        "[sync]\n",
        "sync = {}\n",
        "sync.audio_offset_ms = 3\n",
        "sync = { audio_offset_ms = 3 }\n\n[video]\nfps = 25\n",
        "[video]\nfps = 25\n\n# the end\n",
        'camera = "1"\r\n[sync]\r\naudio_offset_ms = -7\r\n# über\r\n',
    ],
)
def test_every_way_of_writing_it_is_kept_and_read_back(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode())
    before = load_settings({}, path, {})
    write_offset(path, -80.5)
    after = load_settings({}, path, {})
    assert after.sync.audio_offset_ms == -80.5
    assert after.model_copy(update={"sync": before.sync}) == before
    kept = [line for line in text.splitlines() if "sync" not in line and "offset" not in line]
    assert [line for line in kept if line not in path.read_bytes().decode().splitlines()] == []


def test_a_new_file_is_made_with_its_folder(tmp_path):
    path = tmp_path / "new" / "config.toml"
    write_offset(path, 5.0)
    assert load_settings({}, path, {}).sync.audio_offset_ms == 5.0


def test_rights_and_links_stay(tmp_path):
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.write_text(OWN)
    real.chmod(0o640)
    link.symlink_to(real)
    write_offset(link, 1.0)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert load_settings({}, real, {}).sync.audio_offset_ms == 1.0


@pytest.mark.parametrize("place", ["file/config.toml", "folder"])
def test_what_cannot_be_written_is_told_with_the_line_to_write(tmp_path, place):
    (tmp_path / "file").write_text("I am no folder")
    (tmp_path / "folder").mkdir()
    with pytest.raises(EdgeError) as refused:
        write_offset(tmp_path / place, 43.2)
    assert refused.value.exit_code == 1
    assert "audio_offset_ms = 43.2" in str(refused.value)
    assert "[sync]" in str(refused.value)
    assert str(tmp_path / place) in str(refused.value)
    assert (tmp_path / "file").read_text() == "I am no folder"


@pytest.mark.parametrize("text", [b"camera = [", b"\xff\xfe", b"sync = 3\n"])
def test_a_file_that_is_no_config_stays_as_it_is(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_bytes(text)
    with pytest.raises(EdgeError, match="by hand"):
        write_offset(path, 43.2)
    assert path.read_bytes() == text
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_the_one_that_run_reads(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "SYSTEM_CONFIG", tmp_path / "no-such.toml")
    user = {"XDG_CONFIG_HOME": str(tmp_path), "STATE_DIRECTORY": str(tmp_path), "HOME": "/nowhere"}
    own = tmp_path / "edge-emotion" / "config.toml"
    assert target_file(None, user) == own
    assert target_file(tmp_path / "named.toml", user) == tmp_path / "named.toml"
    assert target_file(None, {**user, "EDGE_EMOTION_CONFIG": "/else.toml"}).as_posix() == "/else.toml"
    service = {**user, "STATE_DIRECTORY": str(paths.SYSTEM_STATE)}
    assert target_file(None, service) == paths.Path("/etc/edge-emotion/config.toml")
    own.parent.mkdir()
    own.write_text("")
    assert target_file(None, service) == own
