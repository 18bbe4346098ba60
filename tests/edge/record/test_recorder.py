"""The recording loop on sources that are played by the test; the clip is a real one."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from edge.capture.clip_reader import clip_chunks, clip_frames
from edge.capture.clip_writer import ClipError, ClipWriter
from edge.capture.source import EndOfStream
from edge.errors import DeviceError, EdgeError, UsageError
from edge.record.files import RecordingFiles
from edge.record.recorder import FRAME_BUFFER, Orders, Recorder, level_db
from edge.samples import RATE_HZ, Chunk, Frame
from tests.fakes import FakeClock, ScriptedSource

BLACK = np.zeros((48, 64, 3), np.uint8)
HOURS_NS = 3_600_000_000_000


def frame(t_ms):
    return Frame(HOURS_NS + t_ms * 1_000_000, 0, 0, BLACK)


def chunk(t_ms, ms=20):
    return Chunk(HOURS_NS + t_ms * 1_000_000, 0, 0, np.full(ms * RATE_HZ // 1000, 0.25, np.float32))


class Slow(ScriptedSource):
    """One item every millisecond, and then silence."""

    def read(self, timeout_s):
        time.sleep(0.001)
        return super().read(timeout_s)


def recorder(tmp_path, video=None, audio=None, *, duration_s=None, require=False, stop=None, enabled=lambda: True):
    files = RecordingFiles(tmp_path / "x.mkv")
    orders = Orders(stop or threading.Event(), duration_s, require, enabled)
    return Recorder(video, audio, files, orders, FakeClock(HOURS_NS)), files


def recorded(tmp_path, *sources, **options):
    made, files = recorder(tmp_path, *sources, **options)
    made.run(lambda _progress: None, lambda: None)
    files.keep_clip()
    return made, files.clip


def test_files_begin_with_the_earlier_stream(tmp_path):
    end = EndOfStream("end")
    video = Slow([*(frame(t) for t in range(500, 900, 40)), end], live=False)
    audio = Slow([*(chunk(t) for t in range(0, 900, 20)), end], live=False)
    made, clip = recorded(tmp_path, video, audio)
    assert made.ending == "end of file"
    assert made.origin_ns == HOURS_NS
    assert [one.t_ns for one in clip_frames(clip)] == [t * 1_000_000 for t in range(500, 900, 40)]
    assert next(clip_chunks(clip)).t_ns == 0


def test_devices_begin_with_the_later_stream(tmp_path):
    stop = threading.Event()
    video = Slow([frame(t) for t in range(500, 900, 40)])
    audio = Slow([chunk(t) for t in range(0, 900, 20)])
    made, _ = recorder(tmp_path, video, audio, stop=stop)
    threading.Timer(0.6, stop.set).start()
    made.run(lambda _progress: None, lambda: None)
    assert made.ending == "asked"
    assert made.origin_ns == HOURS_NS + 500 * 1_000_000
    assert made.writer.frame_ns[0] == 0
    assert 0 <= made.writer.block_ns[0] < 20_000_000


def test_the_duration_cuts_both_streams(tmp_path):
    end = EndOfStream("end")
    video = Slow([*(frame(t) for t in range(0, 3000, 40)), end], live=False)
    audio = Slow([*(chunk(t) for t in range(0, 3000, 20)), end], live=False)
    made, clip = recorded(tmp_path, video, audio, duration_s=1.01)
    assert made.ending == "duration"
    assert max(made.writer.frame_ns) == 1_000_000_000
    assert made.writer.samples == 1.01 * RATE_HZ
    assert sum(len(one.samples) for one in clip_chunks(clip)) == 1.01 * RATE_HZ


def test_an_encoder_that_does_not_keep_up_loses_frames_not_memory(tmp_path, monkeypatch):
    def slow(self, one, add=ClipWriter.add_frame):
        time.sleep(0.02)
        add(self, one)

    monkeypatch.setattr(ClipWriter, "add_frame", slow)
    video = Slow([*(frame(t) for t in range(0, 8000, 20)), EndOfStream("end")], live=False)
    made, clip = recorded(tmp_path, video)
    held = len(list(clip_frames(clip)))
    assert held + made.video.buffer.dropped == 400
    assert FRAME_BUFFER < made.dropped()["frames"] <= made.video.buffer.dropped
    stamps = [one.t_ns // 1_000_000 for one in clip_frames(clip)]
    assert stamps == [t_ns // 1_000_000 for t_ns in made.writer.frame_ns], "what is left is where it was"


def test_what_was_lost_while_the_other_device_opened_does_not_count(tmp_path):
    class Late(Slow):
        def open(self):
            time.sleep(0.5)
            super().open()

    stop = threading.Event()
    video, audio = Slow([frame(t) for t in range(0, 6000, 100)]), Late([chunk(t) for t in range(0, 6000, 20)])
    made, _ = recorder(tmp_path, video, audio, stop=stop)
    threading.Timer(1.2, stop.set).start()
    made.run(lambda _progress: None, lambda: None)
    assert made.video.buffer.dropped == 60 - FRAME_BUFFER
    assert made.dropped()["frames"] == 0


def test_a_lost_device_ends_it_with_what_there_is(tmp_path):
    video = Slow([*(frame(t) for t in range(0, 1000, 40)), DeviceError("the camera is gone")])
    made, clip = recorded(tmp_path, video)
    assert (made.ending, made.reason) == ("device lost", "the camera is gone")
    assert len(list(clip_frames(clip))) == 25


def test_one_of_two_devices_is_enough_unless_both_are_demanded(tmp_path):
    def sources():
        end = EndOfStream("end")
        return Slow([*(frame(t) for t in range(0, 400, 40)), end], live=False), Slow([], openings=["no microphone"])

    made, clip = recorded(tmp_path, *sources())
    assert made.absent == ["no microphone"]
    assert len(list(clip_frames(clip))) == 10
    with pytest.raises(DeviceError, match="no microphone"):
        recorded(tmp_path, *sources(), require=True)
    with pytest.raises(DeviceError, match="no camera"):
        recorded(tmp_path, Slow([], openings=["no camera"]))


def test_a_file_that_can_never_be_read_is_the_users_fault(tmp_path):
    class Wrong(ScriptedSource):
        def open(self):
            raise UsageError("no such thing")

    with pytest.raises(UsageError, match="no such thing"):
        recorded(tmp_path, Wrong([], live=False))


def test_stopped_before_anything_came_is_told(tmp_path):
    stop = threading.Event()
    stop.set()
    with pytest.raises(EdgeError, match="Nothing was recorded"):
        recorded(tmp_path, Slow([]), stop=stop)


def test_the_privacy_switch_is_followed(tmp_path):
    answers = iter([True, True, True])
    video = Slow([frame(t) for t in range(0, 8000, 40)])
    made, _ = recorded(tmp_path, video, enabled=lambda: next(answers, False))
    assert made.ending == "switched off"
    assert video.closed == 1


def test_a_disk_that_fills_up_is_an_ending(tmp_path, monkeypatch):
    monkeypatch.setattr(ClipWriter, "add_frame", _full_after(5))
    video = Slow([frame(t) for t in range(0, 8000, 40)])
    made, _ = recorder(tmp_path, video)
    made.run(lambda _progress: None, lambda: None)
    assert made.ending == "cannot be written"
    assert "no room" in made.reason
    assert video.closed == 1


def _full_after(count):
    """A disk that takes so many frames."""
    add, taken = ClipWriter.add_frame, []

    def add_frame(self, one):
        taken.append(one)
        if len(taken) > count:
            raise ClipError("no room")
        add(self, one)

    return add_frame


def test_levels():
    assert level_db(chunk(0)) == pytest.approx(-12.04, abs=0.01)
    assert level_db(Chunk(0, 0, 0, np.zeros(320, np.float32))) == -100.0
    assert level_db(Chunk(0, 0, 0, np.zeros(0, np.float32))) == -100.0
