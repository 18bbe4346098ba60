from __future__ import annotations

import io

from edge.record.recorder import Progress
from edge.record.status_line import StatusLine, recording_line


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(stream):
    line = StatusLine(stream)
    line.say("recording a and b")
    for number in range(100):
        line.recording(Progress(number / 20, number, -20.0, 3))
    line.begin_aligning(10.0)
    for number in range(101):
        line.aligning(number / 10)
    line.stop()
    return stream.getvalue()


def test_a_file_gets_sentences_only():
    assert shown(io.StringIO()) == "recording a and b\n"


def test_a_terminal_gets_a_line_that_repaints_itself_a_few_times_a_second():
    text = shown(Terminal())
    assert 15 <= text.count("● recording") <= 30
    assert "3 dropped" in text
    assert "100%" in text
    assert text.count("\n") == 1
    assert text.endswith("\r\x1b[K")


def test_the_line_without_sound_and_at_the_very_beginning():
    assert "no sound" in recording_line(Progress(0.0, 0, None, 0))
    assert "-100 dB" in recording_line(Progress(2.0, 60, -100.0, 0))
    assert "30/s" in recording_line(Progress(2.0, 60, 0.0, 0))
