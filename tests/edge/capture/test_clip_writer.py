from __future__ import annotations

import shutil

import numpy as np
import pytest

from edge.capture import clip_stamps, media
from edge.capture.clip_reader import clip_chunks, clip_frames
from edge.capture.clip_stamps import deviation_ms, read_stamps
from edge.capture.clip_writer import FORMATS, ClipError, ClipWriter
from edge.errors import EdgeError
from edge.samples import RATE_HZ, Chunk, Frame
from tests.clips import tone

ORIGIN_NS = 7_000_000_000_000
FLASH_NS, HOLE_NS = 2_100_000_000, 900_000_000


def picture(value, size=(64, 48)):
    return np.full((size[1], size[0], 3), value, np.uint8)


def frame_stamps():
    """A camera that stutters: 15 to 90 ms between its frames."""
    steps = np.random.default_rng(3).integers(15_000_000, 90_000_000, 60)
    return [int(t_ns) for t_ns in np.concatenate([[0], np.cumsum(steps)])]


def chunks(hole_after=75):
    """Chunks of 20 ms of noise, of 16 bits; after the first 1.5 s, 0.9 s are missing."""
    noise = np.random.default_rng(4).integers(-9000, 9000, (100, 320)).astype(np.float32) / 32768
    for seq, samples in enumerate(noise):
        t_ns = ORIGIN_NS + 3_000_000 + seq * 20_000_000 + (HOLE_NS if seq >= hole_after else 0)
        yield Chunk(t_ns, t_ns, seq, samples)


def write(path, frames=(), sounds=(), size=(64, 48)):
    writer = ClipWriter(
        path, FORMATS[path.suffix], origin_ns=ORIGIN_NS, size=size if frames else None, has_sound=bool(sounds)
    )
    for frame in frames:
        writer.add_frame(frame)
    for sound in sounds:
        writer.add_chunk(sound)
    writer.finish()
    return writer


def frames_at(stamps):
    flash = min(stamps, key=lambda t_ns: abs(t_ns - FLASH_NS))
    return [Frame(ORIGIN_NS + t_ns, 0, seq, picture(255 if t_ns == flash else 20)) for seq, t_ns in enumerate(stamps)]


@pytest.fixture(scope="module", params=[".mkv", ".mp4"])
def clip(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / f"clip{request.param}"
    return path, write(path, frames_at(frame_stamps()), list(chunks()))


def test_each_frame_keeps_the_stamp_of_its_capture(clip):
    path, writer = clip
    held = [frame.t_ns for frame in clip_frames(path)]
    assert len(held) == len(writer.frame_ns) == 61
    assert np.abs(np.asarray(held) - np.asarray(frame_stamps())).max() < 1_000_000


def test_the_flash_is_where_it_was(clip):
    path, _ = clip
    (flash,) = [frame.t_ns for frame in clip_frames(path) if frame.image.mean() > 200]
    assert abs(flash - min(frame_stamps(), key=lambda t_ns: abs(t_ns - FLASH_NS))) < 1_000_000


def test_a_hole_in_the_sound_is_not_squeezed(clip):
    path, writer = clip
    heard = list(clip_chunks(path))
    steps = [after.t_ns - before.end_ns for before, after in zip(heard, heard[1:], strict=False)]
    assert len([step for step in steps if step > 5_000_000]) == 1
    # Up to one block of the hole is silence that is there.
    assert 800_000_000 < max(steps) <= HOLE_NS
    assert (writer.blocks.holes, writer.blocks.lost_ns) == (1, HOLE_NS)


def test_sound_behind_a_hole_lies_where_it_was_heard(tmp_path):
    beep = tone(0.02, RATE_HZ, hz=1500)
    silent = [Chunk(ORIGIN_NS + seq * 20_000_000, 0, seq, np.zeros(320, np.float32)) for seq in range(40)]
    late = [Chunk(ORIGIN_NS + 1_700_000_000 + seq * 20_000_000, 0, 40 + seq, beep) for seq in range(3)]
    for suffix in FORMATS:
        path = tmp_path / f"beep{suffix}"
        write(path, sounds=silent + late)
        first_ns, sound = media.load_sound(path)
        heard_s = first_ns / 1e9 + np.flatnonzero(np.abs(sound) > 0.1)[0] / RATE_HZ
        assert heard_s == pytest.approx(1.7, abs=0.003), suffix


def test_flac_gives_every_sample_back(tmp_path):
    path = tmp_path / "sound.mkv"
    sounds = list(chunks(hole_after=1000))
    write(path, sounds=sounds)
    written = np.concatenate([sound.samples for sound in sounds])
    np.testing.assert_array_equal(np.concatenate([chunk.samples for chunk in clip_chunks(path)]), written)
    assert list(clip_frames(path)) == []


def test_sound_over_full_scale_is_clipped_not_wrapped(tmp_path):
    loud = Chunk(ORIGIN_NS, 0, 0, np.full(1600, 1.0, np.float32))
    write(tmp_path / "loud.mkv", sounds=[loud])
    assert min(float(chunk.samples.min()) for chunk in clip_chunks(tmp_path / "loud.mkv")) > 0.99


def test_stamps_that_stand_still_or_fall_do_not_stop_it(tmp_path):
    stamps = [0, 33_000_000, 33_000_000, 20_000_000, 66_000_000]
    path = tmp_path / "odd.mkv"
    write(path, [Frame(ORIGIN_NS + t_ns, 0, 0, picture(9)) for t_ns in stamps])
    held = [frame.t_ns for frame in clip_frames(path)]
    assert len(held) == 5
    assert held == sorted(held)


def test_a_camera_that_changes_its_size_fits_into_the_first(tmp_path):
    frames = [
        Frame(ORIGIN_NS + seq * 40_000_000, 0, seq, picture(90, size))
        for seq, size in enumerate([(65, 49), (128, 96), (16, 9)])
    ]
    writer = write(tmp_path / "sizes.mkv", frames, size=(65, 49))
    assert writer.size == (64, 48), "4:2:0 wants even sides"
    assert {frame.image.shape for frame in clip_frames(tmp_path / "sizes.mkv")} == {(48, 64, 3)}


def test_a_folder_that_is_gone_is_one_sentence(tmp_path):
    with pytest.raises(ClipError, match="cannot be written"):
        write(tmp_path / "gone" / "clip.mkv", frames_at([0]))
    assert issubclass(ClipError, EdgeError)


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed (apt: ffmpeg)")
def test_ffprobe_reads_what_pyav_reads(clip, monkeypatch):
    path, _ = clip
    probed = read_stamps(path)
    assert probed.read_by.startswith("ffprobe ")
    monkeypatch.setattr(clip_stamps.shutil, "which", lambda _: None)
    own = read_stamps(path)
    assert own.read_by.startswith("PyAV ")
    np.testing.assert_allclose(own.video_ns, probed.video_ns, atol=2_000)
    assert abs(len(own.sound_ns) - len(probed.sound_ns)) <= 1, "a codec's run-up may count"


def test_the_clip_agrees_with_the_capture_within_a_millisecond(clip):
    path, writer = clip
    stamps = read_stamps(path)
    assert deviation_ms(np.asarray(writer.frame_ns, np.int64), stamps.video_ns) < 1.0
    assert deviation_ms(np.asarray(writer.block_ns, np.int64), stamps.sound_ns) < 1.0


def test_a_wrong_stamp_is_found():
    held = np.arange(10, dtype=np.int64) * 40_000_000
    captured = held.copy()
    captured[6] += 13_000_000
    assert deviation_ms(captured, held) == pytest.approx(13.0)
    assert deviation_ms(held, held[:0]) is None


@pytest.mark.parametrize("broken", ["exit 1", "exec sleep 30", "echo nonsense"])
def test_a_broken_ffprobe_is_replaced(clip, tmp_path, monkeypatch, broken):
    path, writer = clip
    (tmp_path / "ffprobe").write_text(f"#!/bin/sh\nif [ $# -eq 1 ]; then echo ffprobe version 1; else {broken}; fi\n")
    (tmp_path / "ffprobe").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(clip_stamps, "_LIMIT_S", 0.5)
    stamps = read_stamps(path)
    assert stamps.read_by.startswith("PyAV ")
    assert len(stamps.video_ns) == len(writer.frame_ns)
