from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from edge.capture.replay import FileAudio, FileVideo, Pace
from edge.capture.source import EndOfStream, make_sources
from edge.clock import NS_PER_S
from edge.errors import DeviceError
from tests.fakes import FakeClock


def drain(source, most=10_000):
    items = []
    with_end = False
    while len(items) < most:
        try:
            item = source.read(10.0)
        except EndOfStream:
            with_end = True
            break
        if item is not None:
            items.append(item)
    return items, with_end


def players(path: Path, *, loop=False, period_s=2.0):
    clock = FakeClock(5 * NS_PER_S)
    pace = Pace(period_s, clock)
    return clock, pace, FileVideo(path, pace, loop=loop), FileAudio(path, pace, loop=loop)


def test_a_file_plays_at_its_own_pace_and_ends(clips):
    clock, _, video, _ = players(clips.normal())
    video.open()
    frames, ended = drain(video)
    assert ended
    assert len(frames) == 60
    assert frames[0].t_ns == 5 * NS_PER_S
    assert frames[-1].t_ns - frames[0].t_ns == pytest.approx(59 / 30 * 1e9, abs=2)
    assert all(frame.arrived_ns == frame.t_ns for frame in frames)
    assert clock.now_ns() == frames[-1].t_ns
    with pytest.raises(EndOfStream):
        video.read(0.1)


def test_picture_and_sound_share_one_origin_even_when_opened_apart(clips):
    clock, _, video, audio = players(clips.normal())
    video.open()
    clock.advance(400_000_000)
    audio.open()
    frames, chunks = drain(video)[0], drain(audio)[0]
    flash_ns = next(frame.t_ns for frame in frames if frame.image.mean() > 200)
    sound = np.concatenate([chunk.samples for chunk in chunks])
    click_ns = chunks[0].t_ns + np.flatnonzero(np.abs(sound) > 0.2)[0] * NS_PER_S // 16_000
    assert abs(flash_ns - click_ns) < 2_000_000


def test_sound_is_delivered_when_it_has_been_heard(clips):
    _, _, _, audio = players(clips.normal())
    audio.open()
    chunks, ended = drain(audio)
    assert ended
    assert all(chunk.arrived_ns >= chunk.end_ns for chunk in chunks)


def test_nothing_in_time_is_none(clips):
    _, _, video, _ = players(clips.normal())
    video.open()
    assert video.read(0.01) is not None
    assert video.read(0.01) is None
    assert video.read(0.03) is not None


def test_a_loop_keeps_stamps_rising_and_both_streams_together(clips):
    _, _, video, audio = players(clips.normal(), loop=True)
    video.open()
    audio.open()
    frames, ended = drain(video, most=150)
    assert not ended
    assert [frame.seq for frame in frames] == list(range(150))
    assert (np.diff([frame.t_ns for frame in frames]) > 0).all()
    assert frames[60].t_ns - frames[0].t_ns == frames[120].t_ns - frames[60].t_ns == 2 * NS_PER_S
    chunks, _ = drain(audio, most=250)
    assert all(after.t_ns >= before.end_ns - 1 for before, after in zip(chunks, chunks[1:], strict=False))
    starts = [chunk.t_ns for chunk in chunks]
    assert starts[0] + 2 * NS_PER_S in starts
    assert starts[0] + 4 * NS_PER_S in starts


def test_who_joins_late_joins_where_the_other_is(clips):
    clock, _, video, audio = players(clips.normal(), loop=True)
    audio.open()
    clock.advance(4_500_000_000)
    video.open()
    frame = video.read(1.0)
    assert frame.t_ns == pytest.approx(5 * NS_PER_S + 4_500_000_000, abs=2)


def test_after_both_have_closed_it_begins_anew(clips):
    clock, _, video, audio = players(clips.normal())
    for source in (video, audio):
        source.open()
        source.read(1.0)
    for source in (video, audio):
        source.close()
        source.close()
    clock.advance(60 * NS_PER_S)
    now_ns = clock.now_ns()
    video.open()
    assert video.read(1.0).t_ns == now_ns


def test_reading_what_is_closed_is_a_device_error(clips):
    _, _, video, _ = players(clips.normal())
    with pytest.raises(DeviceError, match="not open"):
        video.read(0.1)


def test_a_machine_that_is_too_slow_loses_pictures_not_time(clips):
    clock, _, video, _ = players(clips.normal())
    video.open()
    frames = []
    for _ in range(8):
        try:
            frames.append(video.read(1.0))
        except EndOfStream:
            break
        clock.advance(700_000_000)
    assert video.skipped > 20
    assert all(frame.arrived_ns - frame.t_ns < 1_100_000_000 for frame in frames)


@pytest.mark.timeout(60)
def test_the_real_clock_keeps_the_pace(clips):
    path = str(clips.normal())
    video, audio = make_sources(path, path)
    video.open()
    audio.open()
    began = time.monotonic()
    frames, chunks = drain(video)[0], drain(audio)[0]
    assert time.monotonic() - began > 1.8
    assert abs(frames[0].t_ns - chunks[0].t_ns) < 1_000_000
    video.close()
    audio.close()
