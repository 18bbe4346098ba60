"""The command line of `edge-emotion record`, in this process: what it refuses, and what it says at the end."""

from __future__ import annotations

import pytest

from edge.cli import main
from edge.cli.recording import summary


@pytest.mark.parametrize(
    ("out", "words", "says"),
    [
        ("gone/x.mkv", [], "does not exist: make it first"),
        ("there.mkv", [], "--force"),
        ("other.mkv", [], "other.json"),
        ("killed.mkv", [], "killed.mkv.partial"),
        ("x.avi", [], "x.mkv"),
        (".", [], "is a folder"),
        ("x", ["--label", "hapy"], "did you mean happy?"),
        ("x", ["--intensity", "loud"], "low, normal, strong"),
        ("x", ["--person", " "], "--person"),
        ("x", ["--camera", "none", "--mic", "none"], "both 'none'"),
        ("x", ["--duration", "-1"], "--duration"),
        ("x", ["--camera", "nothing.mp4"], "does not exist"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_made(clips, tmp_path, capfd, out, words, says):
    present = [tmp_path / name for name in ("there.mkv", "other.json", "killed.mkv.partial")]
    for path in present:
        path.write_text("precious")
    assert main(["record", str(tmp_path / out), "--camera", str(clips.normal()), "--mic", "none", *words]) == 64
    said = capfd.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == sorted(present)
    assert {path.read_text() for path in present} == {"precious"}


def header(**changes):
    video = {"frames": 300, "dropped": 2, "deviation_ms": 0.4}
    audio = {"seconds": 9.5, "holes": 0, "lost_ms": 0.0, "dropped": 1, "deviation_ms": 0.1}
    lag = {"audio_lag_ms": None, "audio_lag_ci_ms": None}
    return {
        "clip": "x.mkv",
        "seconds": 10.0,
        "video": video,
        "audio": audio,
        "lag": lag,
        "rows": {"frame": 300, "window": 46, "complete": True},
        "found": {"frames_with_face": 290, "windows_warped": 3},
        "stamps_read_by": "ffprobe 6.1",
    } | changes


def test_the_summary_tells_what_counts(tmp_path):
    text = "\n".join(summary(header(), tmp_path))
    for words in (
        str(tmp_path / "x.mkv"),
        "300 frames",
        "290 of 300",
        "2 dropped",
        "no holes",
        "0.4 ms",
        "ffprobe 6.1",
        "3 of 46",
    ):
        assert words in text
    assert "not known" in text


def test_the_summary_of_a_poor_recording(tmp_path):
    poor = header(
        audio={"seconds": 9.5, "holes": 2, "lost_ms": 430.0, "dropped": 1, "deviation_ms": 0.1},
        lag={"audio_lag_ms": 62.4, "audio_lag_ci_ms": 40.2},
        rows={"frame": 300, "window": 46, "complete": False},
    )
    text = "\n".join(summary(poor, tmp_path))
    assert "2 holes (0.43 s)" in text
    assert "+62 ± 40 ms" in text
    assert "ended early" in text
    silent = "\n".join(summary(header(audio=None), tmp_path))
    assert "sound" not in silent
    assert "lag" not in silent
