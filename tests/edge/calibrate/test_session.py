"""What a session says: which claps were missing, and how it stands."""

from __future__ import annotations

import io

import pytest

from edge.calibrate.agreement import Shortfall
from edge.calibrate.session import calibrate, missing
from edge.calibrate.status_line import Progress, StatusLine, waiting_line
from edge.config import Settings, set_enabled
from edge.errors import EdgeError, UsageError


@pytest.mark.parametrize(
    ("lack", "says"),
    [
        ("neither", "No clap was seen or heard"),
        ("not heard", "No clap was heard"),
        ("not seen", "No clap was seen"),
        ("apart", "No clap was both seen and heard"),
        ("too few", "clap 3 times"),
        ("disagree", "disagree"),
        ("crowded", "Too much else"),
        ("ambiguous", "two different lags"),
    ],
)
def test_each_lack_is_one_sentence(lack, says):
    sentence = missing(Shortfall(lack, 4, 2, 1), 3)
    assert says in sentence
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    assert lack == "neither" or "4 heard, 2 seen, 1 of 3 agreeing" in sentence


def test_off_means_off():
    set_enabled(False)
    with pytest.raises(EdgeError, match="edge-emotion enable") as refused:
        calibrate(Settings(camera="0", mic="default"), 3, 5.0)
    assert refused.value.exit_code == 1


@pytest.mark.parametrize(("camera", "mic", "named"), [("none", "default", "--camera"), ("0", "none", "--mic")])
def test_it_takes_both(camera, mic, named):
    with pytest.raises(UsageError, match=named):
        calibrate(Settings(camera=camera, mic=mic), 3, 5.0)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(stream):
    line = StatusLine(stream)
    line.say("clap three times")
    for agreeing in range(4):
        line.waiting(Progress(4, 5, agreeing, 3, 12.0 - agreeing))
    line.stop()
    return stream.getvalue()


def test_a_file_gets_sentences_only():
    assert shown(io.StringIO()) == "clap three times\n"


def test_a_terminal_sees_how_it_goes():
    text = shown(Terminal())
    assert "●●●" in text
    assert "heard 4" in text
    assert text.count("\n") == 1
    assert text.endswith("\r\x1b[K")


def test_more_claps_than_wanted_and_less_time_than_none():
    assert waiting_line(Progress(9, 9, 5, 3, -1.0)).startswith("claps ●●●   heard 9   seen 9     0 s left")
