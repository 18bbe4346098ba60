import os
import subprocess

import pytest

from edge.capture import media
from edge.errors import UsageError
from engines.datasets import stamps
from engines.datasets.stamps import read_stamps
from engines.datasets.store import BadFile
from tests.engines.datasets.files import write_film, write_sound


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_picture_that_starts_late_makes_the_sound_early(tmp_path, suffix):
    film = write_film(tmp_path / f"late{suffix}", video_delay_s=0.04)
    read = read_stamps(film)
    assert read.audio_delay_s == pytest.approx(-0.04, abs=0.002)
    assert read.video.rate_hz == pytest.approx(25, abs=0.5)
    first_frame = next(media.frames(film))
    assert (media.load_sound(film)[0] - first_frame.t_ns) / 1e9 == pytest.approx(read.audio_delay_s, abs=0.002)


def test_a_sound_that_starts_late_has_a_positive_delay(tmp_path):
    film, sound = write_film(tmp_path / "mute.mp4", with_sound=False), write_sound(tmp_path / "a.wav")
    late = tmp_path / "late.mkv"
    joined = f"-i {film} -itsoffset 0.25 -i {sound} -c:v copy -c:a pcm_s16le {late}"
    subprocess.run(["ffmpeg", "-v", "error", *joined.split()], check=True)
    assert read_stamps(late).audio_delay_s == pytest.approx(0.25, abs=0.002)


def test_a_stream_that_is_missing_is_none(tmp_path):
    assert read_stamps(write_film(tmp_path / "mute.mp4", with_sound=False)).audio is None
    sound = read_stamps(write_sound(tmp_path / "a.wav"))
    assert sound.video is None
    assert sound.audio_delay_s is None
    assert sound.audio.duration_s == pytest.approx(0.5)


def test_what_is_no_film_is_a_bad_file(tmp_path):
    letter = tmp_path / "letter.mp4"
    letter.write_text("Dear reader")
    with pytest.raises(BadFile, match=r"^ffprobe cannot read it: Invalid data"):
        read_stamps(letter)


def test_ffprobe_may_open_files_only(tmp_path, monkeypatch):
    said = tmp_path / "said"
    said.mkdir()
    fake = tmp_path / "ffprobe"
    fake.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {said}/arguments\necho '{{}}'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert read_stamps(tmp_path / "http:a.mp4").video is None
    arguments = (said / "arguments").read_text().splitlines()
    assert arguments[arguments.index("-protocol_whitelist") + 1] == "file"
    assert arguments[-1] == f"file:{tmp_path}/http:a.mp4"


def test_without_ffprobe_the_remedy_is_named(tmp_path, monkeypatch):
    film = write_film(tmp_path / "a.mp4")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"ffprobe is not installed.*apt install ffmpeg"):
        read_stamps(film)


def test_an_ffprobe_that_hangs_is_given_up(tmp_path, monkeypatch):
    hanging = tmp_path / "ffprobe"
    hanging.write_text("#!/bin/sh\nexec sleep 20\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(stamps, "_TIMEOUT_S", 0.2)
    with pytest.raises(BadFile, match="no answer"):
        read_stamps(tmp_path / "a.mp4")
