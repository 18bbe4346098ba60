"""`edge-emotion record`: real cameras, a real microphone and files become a clip, a header and a table in step."""

from __future__ import annotations

import json
import shutil
import signal
import time

import numpy as np
import pytest

from edge.capture import media
from edge.capture.clip_reader import clip_chunks, clip_frames
from edge.capture.clip_writer import FORMATS, ClipWriter
from edge.samples import RATE_HZ, Chunk, Frame
from tests.clips import FLASH_S, click
from tests.microphone import VirtualMicrophone, needs_virtual_microphone
from tests.mjpeg import MjpegServer, Stamp, burn_stamp, read_stamp
from tests.process.command import Running, run
from tests.process.recordings import nothing_was_made, opened

pytestmark = pytest.mark.timeout(300)

BURNT_FRAMES = 50


@pytest.fixture(scope="module")
def burnt(tmp_path_factory):
    """Two seconds in which every picture tells its own moment, and the sound clicks at FLASH_S."""
    path = tmp_path_factory.mktemp("burnt") / "burnt.mkv"
    writer = ClipWriter(path, FORMATS[".mkv"], origin_ns=0, size=(320, 240), has_sound=True)
    for number in range(BURNT_FRAMES):
        t_ns = number * 40_000_000
        image = np.full((240, 320, 3), 90, np.uint8)
        burn_stamp(image, Stamp(number, t_ns))
        writer.add_frame(Frame(t_ns, 0, number, image))
    sound = click(2.0, RATE_HZ)
    for first in range(0, len(sound), 320):
        writer.add_chunk(Chunk(first * 1_000_000_000 // RATE_HZ, 0, 0, sound[first : first + 320]))
    writer.finish()
    return path


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_a_file_recorded_again_stays_in_step(burnt, tmp_path, suffix):
    out = tmp_path / f"again{suffix}"
    done = run("record", out, "--camera", burnt, "--mic", burnt, "--label", "happy", "--person", "one")
    assert done.code == 0, done.err
    made = opened(out)
    # A busy machine may lose pictures, but each that is there lies at the moment that it tells.
    told_ns = np.asarray([read_stamp(frame.image).t_ns for frame in media.frames(out)])
    held_ns = np.asarray([frame.t_ns for frame in media.frames(out)])
    assert len(told_ns) + made.header["video"]["dropped"] == BURNT_FRAMES
    assert len(told_ns) > 5
    assert np.abs(held_ns - told_ns).max() < 1_500_000
    np.testing.assert_allclose(made.stamps("frame"), told_ns, atol=1_000)
    first_ns, sound = media.load_sound(out)
    click_ns = first_ns + np.flatnonzero(np.abs(sound) > 0.2)[0] * 1e9 / RATE_HZ
    assert abs(click_ns - FLASH_S * 1e9) < 2_000_000
    assert made.header["ended"] == "end of file"
    assert (made.header["emotion"], made.header["person"], made.header["intensity"]) == ("happy", "one", None)
    loud = [row["t_ns"] for row in made.rows["sound"] if row["level_db"] > -40]
    assert min(abs(t_ns - FLASH_S * 1e9) for t_ns in loud) < 25_000_000


def test_the_clips_own_stamps_are_those_of_the_capture(burnt, tmp_path):
    out = tmp_path / "stamps.mkv"
    done = run("record", out, "--camera", burnt, "--mic", burnt, "--json")
    header = json.loads(done.out)
    assert header == opened(out).header
    assert header["stamps_read_by"].startswith("ffprobe" if shutil.which("ffprobe") else "PyAV")
    for track in ("video", "audio"):
        assert header[track]["deviation_ms"] < 1.0
    assert header["video"]["stamps_in_clip"] == header["video"]["frames"] == BURNT_FRAMES - header["video"]["dropped"]
    assert header["audio"]["dropped"] == header["audio"]["holes"] == 0
    assert header["lag"]["applied_ms"] == 0.0


def test_the_table_pairs_sound_with_picture(demo_clip_path, tmp_path):
    out = tmp_path / "talk.mkv"
    done = run("record", out, "--camera", demo_clip_path, "--mic", demo_clip_path, "--duration", 5)
    assert done.code == 0, done.err
    made = opened(out)
    assert made.header["ended"] == "duration"
    assert made.header["seconds"] == pytest.approx(5.0, abs=0.05)
    assert made.header["found"]["frames_with_face"] >= 0.8 * made.header["rows"]["frame"] > 0
    assert len(made.rows["window"]) == 21, "one every 200 ms, the first after 1 s"
    np.testing.assert_allclose(np.diff(made.stamps("sound")), 10_000_000, atol=1_000_000)
    sound_ns, paths = made.stamps("sound"), 0
    for row in made.rows["window"]:
        assert row["end_ns"] - row["start_ns"] == 1_000_000_000
        if row["dtw"] is None:
            continue
        paths += 1
        sounds, slots = np.asarray(row["dtw"]["path"]).T
        assert len(sounds) == 100
        assert (np.diff(sounds) >= 0).all()
        assert (np.diff(slots) >= 0).all()
        assert set(slots) == set(range(15))
        assert row["dtw"]["applied"] == (row["method"] == "dtw")
        assert 0 < row["dtw"]["cost"] <= 1
        # No pair lies farther apart than the band, half a slot and one frame of sound.
        middles_ns = row["video_end_ns"] - 1_000_000_000 + (2 * slots + 1) * 1e9 / 30
        assert np.abs(sound_ns[sounds] - middles_ns).max() < (150 + 34 + 10) * 1e6
    assert paths > 0


@pytest.fixture(scope="module")
def microphone():
    needs_virtual_microphone()
    with VirtualMicrophone() as mic:
        yield mic


def test_camera_and_microphone_in_one_clip(microphone, clips, tmp_path):
    out = tmp_path / "live.mkv"
    with MjpegServer(width=640, height=480) as camera:
        words = ["--camera", camera.url, "--mic", "default", "--duration", 5]
        with Running("record", out, *words, environ=microphone.environment) as running:
            running.wait_for("recording")
            time.sleep(0.5)
            microphone.play(clips.noise(), wait=False).wait()
            done = running.finish()
    assert done.code == 0, done.err
    assert camera.url in done.err
    made = opened(out)
    assert made.header["video"]["stamp_kind"] == "arrival"
    assert max(made.header["video"]["deviation_ms"], made.header["audio"]["deviation_ms"]) < 1.0
    # Every picture carries the moment at which it was sent, on the clock that its stamp counts in.
    frames = list(clip_frames(out))
    ages_ns = np.asarray([made.header["origin_ns"] + frame.t_ns - read_stamp(frame.image).t_ns for frame in frames])
    assert (ages_ns > -1_000_000).all(), "no picture is stamped before it was sent"
    assert np.median(ages_ns) < 100_000_000
    numbers = [read_stamp(frame.image).number for frame in frames]
    assert numbers == sorted(set(numbers)), "each picture once, in order"
    # What was played is in the clip, bit for bit; a starving sound server may break off later.
    heard = np.concatenate([chunk.samples for chunk in clip_chunks(out)])
    played = media.load_sound(clips.noise())[1]
    begin = np.flatnonzero(np.abs(heard) > 0.01)[0]
    first = int(np.argmax([np.dot(heard[begin + k : begin + k + 800], played[:800]) for k in range(-20, 200)])) - 20
    np.testing.assert_array_equal(heard[begin + first :][:8000], played[:8000])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_clip(tmp_path, number):
    out = tmp_path / "stopped.mkv"
    with MjpegServer(width=320, height=240) as camera:
        with Running("record", out, "--camera", camera.url, "--mic", "none") as running:
            running.wait_for("Ctrl-C ends it")
            time.sleep(1.5)
            assert list(tmp_path.iterdir()) == [tmp_path / "stopped.mkv.partial"]
            done = running.end(number)
        assert not camera._clients
    done.assert_no_traceback()
    assert done.code == 0, done.err
    made = opened(out)
    assert made.header["ended"] == "asked"
    assert made.header["audio"] is None
    assert made.header["rows"]["frame"] == len(list(clip_frames(out))) > 20


def test_sound_alone_is_a_recording_too(clips, tmp_path):
    done = run("record", tmp_path / "voice", "--camera", "none", "--mic", clips.noise())
    assert done.code == 0, done.err
    made = opened(tmp_path / "voice.mkv")
    assert made.header["video"] is None
    assert made.header["rows"]["frame"] == 0
    assert len(made.rows["sound"]) == 198
    assert len(made.rows["window"]) == 6


def test_what_cannot_be_is_one_sentence_and_nothing_is_made(clips, tmp_path):
    done = run("record", tmp_path / "gone" / "x.mkv", "--camera", clips.normal(), "--mic", "none")
    assert done.code == 64, done.err
    assert "does not exist: make it first" in done.sentence
    assert done.err.count("\n") == 1
    assert nothing_was_made(tmp_path)


def test_help_shows_examples_and_where_the_format_is_told():
    done = run("record", "--help")
    assert done.code == 0
    assert "examples:" in done.out
    assert "docs/recordings.md" in done.out
