"""`edge-emotion record`: real cameras, a real microphone and files become a clip, a header and a table in step."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from edge.capture import media
from edge.capture.clip_reader import clip_chunks, clip_frames
from edge.capture.clip_writer import FORMATS, ClipWriter
from edge.config import set_enabled
from edge.samples import RATE_HZ, Chunk, Frame
from tests.broker import until
from tests.clips import FLASH_S, click, write_wav
from tests.microphone import VirtualMicrophone, needs_virtual_microphone
from tests.mjpeg import MjpegServer, Stamp, burn_stamp, read_stamp
from tests.process.command import Running, run

pytestmark = pytest.mark.timeout(300)

SCHEMA = json.loads(resources.files("edge.record").joinpath("recording.schema.json").read_text(encoding="utf-8"))
HEADER = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
BURNT_FRAMES = 50
ROW = jsonschema.Draft202012Validator({"$ref": "#/$defs/row", "$defs": SCHEMA["$defs"]})


@dataclass(frozen=True)
class Recording:
    clip: Path
    header: dict
    rows: dict

    def stamps(self, kind):
        return np.asarray([row["t_ns"] for row in self.rows[kind]], np.int64)


def opened(clip):
    """The three files, each checked against the schema, and against one another."""
    header = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))
    HEADER.validate(header)
    rows = {"frame": [], "sound": [], "window": []}
    for line in clip.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        ROW.validate(row)
        rows[row["kind"]].append(row)
    for kind, several in rows.items():
        assert [row["i"] for row in several] == list(range(header["rows"][kind])), kind
    assert list(clip.parent.glob("*.partial")) == []
    return Recording(clip, header, rows)


def nothing_was_made(folder):
    return list(folder.iterdir()) == []


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


def test_a_camera_that_is_lost_ends_it_and_what_there_is_is_kept(clips, tmp_path):
    out = tmp_path / "lost.mkv"
    with MjpegServer(width=320, height=240) as camera:
        words = ["--camera", camera.url, "--mic", clips.noise(), "--loop"]
        with Running("record", out, *words) as running:
            running.wait_for("Ctrl-C ends it")
            time.sleep(1.5)
            camera.stop()
            done = running.finish()
    done.assert_no_traceback()
    assert done.code == 1, done.err
    made = opened(out)
    assert made.header["ended"] == "device lost"
    assert camera.url in made.header["reason"]
    assert made.header["reason"] in done.err
    assert made.header["rows"]["frame"] > 20


def test_a_microphone_that_is_lost_ends_it(tmp_path):
    needs_virtual_microphone()
    out = tmp_path / "deaf.mkv"
    with MjpegServer(width=320, height=240) as camera, VirtualMicrophone() as mic:
        words = ["--camera", camera.url, "--mic", "default", "--require-devices"]
        with Running("record", out, *words, environ=mic.environment) as running:
            running.wait_for("Ctrl-C ends it")
            time.sleep(1.5)
            mic.stop()
            done = running.finish()
    done.assert_no_traceback()
    assert done.code == 69, done.err
    made = opened(out)
    assert made.header["ended"] == "device lost"
    assert made.header["audio"]["seconds"] > 0.5


def test_off_means_off(clips, tmp_path):
    set_enabled(False)
    with MjpegServer(width=320, height=240) as camera:
        done = run("record", tmp_path / "secret.mkv", "--camera", camera.url, "--mic", clips.noise())
        assert not camera._clients
    assert done.code == 1
    assert "edge-emotion enable" in done.sentence
    assert done.err.count("\n") == 1
    assert nothing_was_made(tmp_path)


def test_switching_off_ends_a_recording(tmp_path):
    out = tmp_path / "short.mkv"
    with (
        MjpegServer(width=320, height=240) as camera,
        Running("record", out, "--camera", camera.url, "--mic", "none") as running,
    ):
        running.wait_for("Ctrl-C ends it")
        time.sleep(0.5)
        set_enabled(False)
        until(lambda: not camera._clients, "the camera is released")
        done = running.finish()
    assert done.code == 0, done.err
    assert opened(out).header["ended"] == "switched off"


def test_what_cannot_be_is_one_sentence_and_nothing_is_made(clips, tmp_path):
    done = run("record", tmp_path / "gone" / "x.mkv", "--camera", clips.normal(), "--mic", "none")
    assert done.code == 64, done.err
    assert "does not exist: make it first" in done.sentence
    assert done.err.count("\n") == 1
    assert nothing_was_made(tmp_path)


def test_force_overwrites_all_three(clips, tmp_path):
    out = tmp_path / "x.mkv"
    for path in (out, out.with_suffix(".json"), out.with_suffix(".jsonl")):
        path.write_text("old")
    done = run("record", out, "--camera", clips.no_sound(), "--mic", "none", "--force")
    assert done.code == 0, done.err
    assert opened(out).header["rows"]["frame"] > 0


def test_a_missing_device_is_named_and_a_demanded_one_is_69(clips, tmp_path):
    words = ["--camera", clips.normal(), "--mic", clips.no_sound()]
    done = run("record", tmp_path / "x.mkv", *words, "--require-devices")
    assert done.code == 69, done.err
    assert "holds no sound" in done.sentence
    assert nothing_was_made(tmp_path)
    done = run("record", tmp_path / "x.mkv", *words)
    assert done.code == 0, done.err
    assert "holds no sound" in done.err
    header = opened(tmp_path / "x.mkv").header
    assert header["audio"] is None
    assert "holds no sound" in header["reason"]


def test_sound_alone_is_a_recording_too(clips, tmp_path):
    done = run("record", tmp_path / "voice", "--camera", "none", "--mic", clips.noise())
    assert done.code == 0, done.err
    made = opened(tmp_path / "voice.mkv")
    assert made.header["video"] is None
    assert made.header["rows"]["frame"] == 0
    assert len(made.rows["sound"]) == 198
    assert len(made.rows["window"]) == 6


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 32 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("a full disk needs the right to mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_a_full_disk_is_one_sentence_and_what_can_be_read_is_kept(small_disk, tmp_path, suffix):
    noise = np.random.default_rng(5).uniform(-0.5, 0.5, 8 * RATE_HZ).astype(np.float32)
    sound = write_wav(tmp_path / "noise.wav", noise, RATE_HZ)
    out = small_disk / f"full{suffix}"
    done = run("record", out, "--camera", "none", "--mic", sound)
    done.assert_no_traceback()
    assert done.code == 1, done.err
    assert "No space left on device" in done.sentence
    if suffix == ".mkv":
        assert list(small_disk.iterdir()) == [out]
        assert "are kept" in done.sentence
        assert sum(len(chunk.samples) for chunk in clip_chunks(out)) > RATE_HZ // 2
    else:
        assert list(small_disk.iterdir()) == []
        assert "removed" in done.sentence


def test_a_killed_recording_leaves_a_part_that_plays(tmp_path):
    out = tmp_path / "killed.mkv"
    part = out.with_name("killed.mkv.partial")
    with (
        MjpegServer(width=640, height=480) as camera,
        Running("record", out, "--camera", camera.url, "--mic", "none") as running,
    ):
        running.wait_for("Ctrl-C ends it")
        until(lambda: part.stat().st_size > 10_000, "some pictures are on disk", 40)
        running.child.kill()
        running.child.wait()
    assert len(list(media.frames(part))) > 1


def test_help_shows_examples_and_where_the_format_is_told():
    done = run("record", "--help")
    assert done.code == 0
    assert "examples:" in done.out
    assert "docs/recordings.md" in done.out


def test_a_device_that_does_not_answer_does_not_hold_up_the_end(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/x"
        with Running("record", tmp_path / "x.mkv", "--camera", url, "--mic", "none") as running:
            until(lambda: list(tmp_path.iterdir()), "it has begun to open the devices", 40)
            done = running.end()
    done.assert_no_traceback()
    assert done.code == 1
    assert "Nothing was recorded" in done.sentence
    assert nothing_was_made(tmp_path)
