"""The command line of `edge-emotion calibrate`, in this process: what it refuses, and what it says at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.calibrate.agreement import Agreement, ClapPair
from edge.calibrate.session import Found
from edge.cli import main
from edge.cli.calibrating import as_json, summary
from edge.config import load_settings

FOUND = Found(
    Agreement(
        43.21, 8.04, tuple(ClapPair(s * 10**9, s * 10**9 + ms * 10**6, 33_333_333) for s, ms in ((1, 41), (2, 46)))
    ),
    "camera one",
    "mic two",
)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--claps", "2"], 64, "3 to 20"),
        (["--claps", "three"], 64, "--claps"),
        (["--seconds", "nan"], 64, "5 to 600"),
        (["--seconds", "1e9"], 64, "--seconds"),
        (["--camera", "no-such.mp4"], 64, "no-such.mp4"),
        (["--camera", "none", "--mic", "none"], 64, "'none'"),
        (["--camera", "none"], 64, "--camera"),
        (["--clap", "3"], 64, "did you mean --claps?"),
    ],
)
def test_what_cannot_be_is_one_sentence(capfd, words, code, says):
    assert main(["calibrate", *words]) == code
    said = capfd.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_a_config_that_is_wrong_is_78_before_anybody_claps(tmp_path, capfd):
    (tmp_path / "bad.toml").write_text("camra = 0\n")
    assert main(["calibrate", "--config", str(tmp_path / "bad.toml")]) == 78
    assert "camra" in capfd.readouterr().err


def test_the_summary_tells_the_lag_its_width_and_where_it_went():
    text = "\n".join(summary(FOUND, None, Path("/there/config.toml")))
    for words in ("+43.2 ± 8.0 ms", "later", "+41, +46 ms", "camera one and mic two", "/there/config.toml"):
        assert words in text
    assert "until now" not in text


def test_the_summary_shows_the_old_value_and_a_dry_run():
    text = "\n".join(summary(FOUND, -12.5, None))
    assert "until now -12.5 ms" in text
    assert "nothing (--dry-run)" in text


def test_json_holds_the_same():
    made = as_json(FOUND, 12.0, None)
    assert (made["offset_ms"], made["ci_ms"], made["before_ms"], made["config"]) == (43.2, 8.0, 12.0, None)
    assert [clap["offset_ms"] for clap in made["claps"]] == [41.0, 46.0]


@pytest.mark.parametrize("command", ["run", "record", "calibrate"])
def test_sources_are_named_alike_everywhere(command, capsys):
    assert main([command, "--help"]) == 0
    said = capsys.readouterr().out
    for option in ("--camera C", "--mic M", "--loop", "--config FILE", "--log-level L"):
        assert option in said


def test_the_key_that_is_written_is_one_that_is_read():
    from edge.calibrate.config_file import KEY, SECTION

    assert load_settings({f"{SECTION}.{KEY}": 5.0}, Path("/dev/null"), {}).sync.audio_offset_ms == 5.0
