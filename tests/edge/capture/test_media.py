from __future__ import annotations

import os
import struct
from itertools import pairwise

import numpy as np
import pytest

from edge.capture import media
from edge.errors import UsageError
from edge.samples import RATE_HZ
from tests.clips import FLASH_S, write_clip, write_wav


def flash_s(path):
    return next(frame.t_ns for frame in media.frames(path) if frame.image.mean() > 200) / 1e9


def click_s(path):
    first_ns, sound = media.load_sound(path)
    return first_ns / 1e9 + np.flatnonzero(np.abs(sound) > 0.2)[0] / RATE_HZ


@pytest.mark.parametrize("which", ["normal", "late_picture", "transport_stream"])
def test_flash_and_click_keep_their_distance(clips, which):
    path = getattr(clips, which)()
    assert flash_s(path) == pytest.approx(click_s(path), abs=0.002)


def test_a_file_whose_clock_starts_late_begins_at_zero(clips):
    assert next(media.frames(clips.transport_stream())).t_ns < 50_000_000
    assert next(media.chunks(clips.transport_stream())).t_ns < 50_000_000


def test_a_late_picture_track_starts_late(clips):
    assert next(media.frames(clips.late_picture())).t_ns == 500_000_000
    assert flash_s(clips.late_picture()) == pytest.approx(FLASH_S, abs=1e-6)


def test_probe_tells_what_is_inside(clips):
    info = media.probe(clips.normal())
    assert (info.has_video, info.has_audio, info.width, info.height, info.rate_hz) == (True, True, 320, 240, 48_000)
    assert info.fps == pytest.approx(30)
    assert info.duration_s == pytest.approx(2.0, abs=0.05)
    sound = media.probe(clips.sound())
    assert (sound.has_video, sound.has_audio, sound.fps, sound.rate_hz) == (False, True, 0.0, 16_000)
    assert sound.duration_s == pytest.approx(1.0)


def test_a_file_that_does_not_say_how_long_it_is_gets_measured(tmp_path):
    # A raw MPEG-4 stream has no header with a duration.
    path = write_clip(tmp_path / "raw.m4v", seconds=1.0)
    assert media.probe(path).duration_s == pytest.approx(1.0, abs=0.3)


@pytest.mark.parametrize(("rate_hz", "channels"), [(8_000, 1), (16_000, 1), (44_100, 2), (96_000, 1), (48_000, 6)])
def test_sound_of_any_rate_becomes_16_khz_mono(clips, rate_hz, channels):
    first_ns, sound = media.load_sound(clips.sound(rate_hz, channels))
    assert first_ns == 0
    assert sound.dtype == np.float32
    assert abs(len(sound) - RATE_HZ) <= 2
    middle = sound[2000:-2000]
    expected = 0.3 * np.sin(2 * np.pi * 440 * np.arange(2000, 2000 + len(middle)) / RATE_HZ)
    assert np.abs(middle - expected).max() < 0.003


def test_16_khz_mono_comes_through_bit_for_bit(clips):
    rng = np.random.default_rng(1)
    _, sound = media.load_sound(clips.noise())
    written = (rng.uniform(-0.3, 0.3, 32_000) * 32768).astype(np.int16)
    np.testing.assert_array_equal((sound * 32768).astype(np.int16), written)


def test_silence_and_clipping_are_sound_like_any_other(clips):
    assert not media.load_sound(clips.silence())[1].any()
    loud = media.load_sound(clips.clipping())[1]
    assert (loud.min(), loud.max()) == (-1.0, pytest.approx(1.0, abs=1e-4))


def test_chunks_follow_each_other_without_gap_or_overlap(clips):
    chunks = list(media.chunks(clips.normal(), chunk_ms=20))
    assert [chunk.seq for chunk in chunks] == list(range(len(chunks)))
    assert {len(chunk.samples) for chunk in chunks[:-1]} == {320}
    assert all(abs(after.t_ns - before.end_ns) <= 1 for before, after in zip(chunks, chunks[1:], strict=False))


def test_reading_can_begin_in_the_middle(clips):
    path = clips.normal()
    frames = list(media.frames(path, start_ns=1_200_000_000))
    assert frames[0].t_ns == pytest.approx(1_200_000_000, abs=1)
    assert len(frames) == 24
    chunks = list(media.chunks(path, start_ns=900_000_000))
    assert 0 <= chunks[0].t_ns - 900_000_000 <= 1e9 / RATE_HZ
    sound = np.concatenate([chunk.samples for chunk in chunks])
    heard_s = chunks[0].t_ns / 1e9 + np.flatnonzero(np.abs(sound) > 0.2)[0] / RATE_HZ
    assert heard_s == pytest.approx(click_s(path), abs=1 / RATE_HZ)


def test_unwanted_pictures_are_not_delivered(clips):
    frames = list(media.frames(clips.normal(), wanted=lambda t_ns: t_ns >= FLASH_S * 1e9))
    assert len(frames) == 30
    assert frames[0].image.mean() > 200


def test_one_pixel_is_a_picture(clips):
    frame = next(media.frames(clips.one_pixel()))
    assert frame.image.shape == (1, 1, 3)


def test_8k_is_scaled_down(clips):
    frames = list(media.frames(clips.eight_k()))
    assert [frame.image.shape for frame in frames] == [(720, 1280, 3)] * 2
    blue, red = frames[0].image[360, 100], frames[0].image[360, 1180]
    assert blue[0] > 180 > blue[2]
    assert red[2] > 180 > red[0]


def test_a_turned_phone_gives_an_upright_picture(clips):
    image = next(media.frames(clips.portrait())).image
    assert image.shape == (320, 240, 3)
    assert image[10, 120, 0] > 150, "what was left is on top"
    assert image[-10, 120, 2] > 150


def test_half_a_file_gives_its_first_half(clips):
    frames = list(media.frames(clips.truncated()))
    assert 20 < len(frames) < 40
    assert len(media.load_sound(clips.truncated())[1]) > RATE_HZ // 2


def test_damaged_packets_are_passed_over(clips):
    frames = list(media.frames(clips.damaged()))
    assert len(frames) > 10
    stamps = [frame.t_ns for frame in frames]
    assert stamps == sorted(stamps)


def test_a_playlist_is_not_followed(clips):
    with pytest.raises(UsageError):
        media.probe(clips.playlist())


def test_a_device_file_and_a_pipe_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in ("/dev/zero", tmp_path / "pipe.mp4"):
        with pytest.raises(UsageError, match="not a file"):
            media.probe(path)


def test_a_colon_in_a_name_is_no_protocol(tmp_path):
    path = write_wav(tmp_path / "http:voice.wav", np.zeros(1600, np.float32), 16_000)
    assert media.probe(path).has_audio


def test_a_title_that_is_not_utf8_keeps_no_file_from_opening(tmp_path):
    path = write_wav(tmp_path / "voice.wav", np.zeros(1600, np.float32), 16_000)
    info = b"INFOINAM" + struct.pack("<I", 4) + "né!\0".encode("latin-1")
    path.write_bytes(path.read_bytes() + b"LIST" + struct.pack("<I", len(info)) + info)
    assert media.probe(path).has_audio


def test_a_file_with_no_such_track_is_one_sentence(clips):
    with pytest.raises(UsageError, match="no picture"):
        next(media.frames(clips.sound()))
    with pytest.raises(UsageError, match="no sound"):
        next(media.chunks(clips.no_sound()))


def test_files_that_were_put_end_to_end_play_on_in_step(clips, tmp_path):
    part = clips.transport_stream()
    twice = tmp_path / "twice.ts"
    twice.write_bytes(part.read_bytes() * 2)
    once_s = max(frame.t_ns for frame in media.frames(part)) / 1e9
    stamps_s = [frame.t_ns / 1e9 for frame in media.frames(twice)]
    assert all(a < b for a, b in pairwise(stamps_s))
    assert stamps_s[-1] == pytest.approx(2 * once_s, abs=0.1)
    assert max(chunk.end_ns for chunk in media.chunks(twice)) / 1e9 == pytest.approx(stamps_s[-1], abs=0.2)
