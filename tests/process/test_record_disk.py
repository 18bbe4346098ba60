"""`edge-emotion record` on a full disk, killed, and on what is there already."""

from __future__ import annotations

import numpy as np
import pytest

from edge.capture import media
from edge.capture.clip_reader import clip_chunks
from edge.samples import RATE_HZ
from tests.broker import until
from tests.clips import write_wav
from tests.mjpeg import MjpegServer
from tests.process.command import Running, run
from tests.process.recordings import opened
from tests.process.small_disk import tmpfs

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 32 KB."""
    with tmpfs(tmp_path / "small", "size=32k") as folder:
        yield folder


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


def test_force_overwrites_all_three(clips, tmp_path):
    out = tmp_path / "x.mkv"
    for path in (out, out.with_suffix(".json"), out.with_suffix(".jsonl")):
        path.write_text("old")
    done = run("record", out, "--camera", clips.no_sound(), "--mic", "none", "--force")
    assert done.code == 0, done.err
    assert opened(out).header["rows"]["frame"] > 0
