from __future__ import annotations

import subprocess
import sys

import pytest

from edge.capture.source import make_sources
from edge.errors import DeviceError, UsageError


def test_none_is_no_source():
    assert make_sources("none", "none") == (None, None)


def test_one_file_for_both_is_one_clock(clips):
    path = str(clips.normal())
    video, audio = make_sources(path, path)
    assert video.name == audio.name == path
    assert not video.live
    assert not audio.live


@pytest.mark.parametrize("which", ["not_a_video", "text", "empty", "playlist"])
def test_what_is_no_media_is_refused_at_once(clips, which):
    path = getattr(clips, which)()
    for arguments in ((str(path), "none"), ("none", str(path))):
        with pytest.raises(UsageError, match=path.name):
            make_sources(*arguments)


def test_a_missing_file_and_a_folder_are_refused_at_once(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        make_sources(str(tmp_path / "gone.mp4"), "none")
    with pytest.raises(UsageError, match="does not exist"):
        make_sources("none", "gone.wav")
    with pytest.raises(UsageError, match="not a file"):
        make_sources(str(tmp_path), "none")


def test_a_camera_file_without_picture_is_refused(clips):
    with pytest.raises(UsageError, match="no picture"):
        make_sources(str(clips.sound()), "none")


def test_a_microphone_file_without_sound_is_a_missing_device_only(clips):
    path = str(clips.no_sound())
    video, audio = make_sources(path, path)
    with pytest.raises(DeviceError, match="no sound"):
        audio.open()
    video.open()
    assert video.read(1.0) is not None
    audio.close()
    video.close()


def test_nothing_is_opened_before_open():
    make_sources("0", "default")
    make_sources("http://127.0.0.1:9/video", "no such microphone")


def test_importing_the_microphone_starts_no_portaudio():
    code = "import sys, edge.capture.microphone; sys.exit('pyaudio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
