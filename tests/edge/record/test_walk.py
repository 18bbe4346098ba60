from __future__ import annotations

import json
from importlib import resources

import jsonschema
import numpy as np
import pytest

from edge.capture import media
from edge.capture.clip_writer import FORMATS, ClipWriter
from edge.features.face import make_detector
from edge.record.walk import Walk
from edge.samples import RATE_HZ, Chunk, Frame

SCHEMA = json.loads(resources.files("edge.record").joinpath("recording.schema.json").read_text(encoding="utf-8"))
ROW = jsonschema.Draft202012Validator({"$ref": "#/$defs/row", "$defs": SCHEMA["$defs"]})
GRAY = np.full((96, 128, 3), 120, np.uint8)
HOLE = (1.2, 1.9)
"""Seconds without sound."""
FRAMES_NS = [round(number * 1e9 / 30) for number in range(400)]
"""The stamps of the built-in clip."""


def walked(clip, captured_ns, go_on=lambda _now_ns: True, offset_ms=None):
    rows = {"frame": [], "sound": [], "window": []}

    def write(row):
        ROW.validate(json.loads(json.dumps(row)))
        rows[row["kind"]].append(row)

    walk = Walk(make_detector(), denoise=True, audio_offset_ms=offset_ms, write=write)
    walk.run(clip, captured_ns, go_on)
    for kind, several in rows.items():
        assert [row["i"] for row in several] == list(range(len(several))), kind
    return walk, rows


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Three seconds of a gray wall at uneven moments, and of noise with a hole in it."""
    path = tmp_path_factory.mktemp("plain") / "plain.mkv"
    stamps = [int(t_ns) for t_ns in np.cumsum(np.random.default_rng(1).integers(90_000_001, 160_000_001, 24))]
    noise = np.random.default_rng(2).uniform(-0.1, 0.1, (150, 320)).astype(np.float32)
    writer = ClipWriter(path, FORMATS[".mkv"], origin_ns=0, size=(128, 96), has_sound=True)
    for seq, t_ns in enumerate(stamps):
        writer.add_frame(Frame(t_ns, 0, seq, GRAY))
    for seq, samples in enumerate(noise):
        if not HOLE[0] <= seq * 0.02 < HOLE[1]:
            writer.add_chunk(Chunk(seq * 20_000_000, 0, seq, samples))
    writer.finish()
    return path, stamps


def test_every_frame_has_its_row_with_the_stamp_of_its_capture(plain):
    path, stamps = plain
    walk, rows = walked(path, stamps)
    assert [row["t_ns"] for row in rows["frame"]] == stamps
    assert max(abs(row["t_ns"] - row["pts_ns"]) for row in rows["frame"]) < 1_000_000
    assert all(row["faces"] == [] for row in rows["frame"])
    assert (walk.counts.frames, walk.counts.frames_with_face, walk.counts.complete) == (24, 0, True)


def test_every_10_ms_of_sound_has_its_row_and_a_hole_has_none(plain):
    _, rows = walked(*plain)
    t_ns = np.asarray([row["t_ns"] for row in rows["sound"]])
    steps = np.diff(t_ns)
    assert (steps > 0).all()
    np.testing.assert_allclose(np.delete(steps, np.argmax(steps)), 10_000_000, atol=600_000)
    # Up to one block of the hole is silence.
    assert not ((t_ns > (HOLE[0] + 0.1) * 1e9) & (t_ns < HOLE[1] * 1e9)).any()
    assert t_ns[0] == pytest.approx(15_000_000, abs=1_000_000)
    assert t_ns[-1] > 2.97e9


def test_windows_without_a_face_are_told_without_a_path(plain):
    _, rows = walked(*plain)
    assert [row["end_ns"] for row in rows["window"]] == list(range(1_000_000_000, 3_000_000_001, 200_000_000))
    for row in rows["window"]:
        assert (row["owner"], row["dtw"], row["method"]) == (None, None, "timestamps")
    with_hole = [row for row in rows["window"] if row["end_ns"] == 2_000_000_000]
    assert with_hole[0]["interpolated"]["audio"] > 0.4


def test_a_known_lag_moves_the_windows(plain):
    _, rows = walked(*plain, offset_ms=120.0)
    for row in rows["window"]:
        assert row["method"] == "offset"
        assert row["end_ns"] - row["video_end_ns"] == 120_000_000
        assert row["sound_end_ns"] == row["end_ns"]


def test_it_can_be_ended_early(plain):
    path, stamps = plain
    walk, rows = walked(path, stamps, go_on=lambda now_ns: now_ns < 1_500_000_000)
    assert not walk.counts.complete
    assert max(row["t_ns"] for row in rows["frame"]) < 1_500_000_000
    assert 0 < walk.counts.windows == len(rows["window"]) < 5


def test_the_path_is_the_aligners_own(demo_clip_path):
    """The twin that tells the path agrees with the aligner on who speaks, and on what is applied."""
    walk, rows = walked(demo_clip_path, FRAMES_NS, go_on=lambda now_ns: now_ns < 4_200_000_000, offset_ms=0.0)
    assert walk.counts.frames_with_face > 0.9 * walk.counts.frames
    with_path = [row for row in rows["window"] if row["dtw"]]
    assert len(with_path) >= 10
    for row in with_path:
        assert row["dtw"]["applied"] == (row["owner"] is not None and row["dtw"]["cost"] < 0.8)
    speaking = {face.face.track for face in walk._aligner.window(0, 4_000_000_000, 0).faces if face.speaking}
    assert speaking == {walk._aligner.speaker.owner} - {None}


def test_the_table_hears_what_the_file_holds(demo_clip_path):
    _, rows = walked(demo_clip_path, FRAMES_NS, go_on=lambda now_ns: now_ns < 3_000_000_000)
    first_ns, sound = media.load_sound(demo_clip_path)
    level = np.asarray([row["level_db"] for row in rows["sound"]])
    middles = [round((row["t_ns"] - first_ns) / 1e9 * RATE_HZ) for row in rows["sound"]]
    power = np.asarray([np.mean(sound[middle - 80 : middle + 80] ** 2) for middle in middles])
    loud, quiet = power > np.percentile(power, 80), power < np.percentile(power, 20)
    assert level[loud].min() > level[quiet].max() - 10
    assert level[loud].mean() > level[quiet].mean() + 20
