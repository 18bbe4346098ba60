from __future__ import annotations

import dataclasses
import io
import json
import os
import pty
import re
import threading
import time

import pytest

from edge.publish.json_lines import JsonLines
from edge.publish.payload import encode
from edge.publish.screen.live_line import Style, live_line, plain_line
from edge.publish.screen.terminal import Terminal, is_journal
from edge.publish.screen.vitals import Vitals
from edge.publish.writer import reader_left
from tests.broker import until
from tests.edge.publish import records

VITALS = Vitals(fps=25.0, level_db=-20.0)
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def test_the_line_tells_all_when_there_is_room():
    line = live_line(records.message(), VITALS, Style(120, color=False))
    for part in ("● happy", "80%", "hap▇", "lag +38 ms", "41 ms", "25 fps", "1 face", "mic"):
        assert part in line


@pytest.mark.parametrize("width", [1, 5, 12, 20, 40, 60, 80, 100, 200])
@pytest.mark.parametrize("color", [True, False])
def test_the_line_never_wraps(width, color):
    line = ESCAPES.sub("", live_line(records.message(), VITALS, Style(width, color)))
    assert len(line) <= max(0, width - 1)
    if width >= 20:
        assert "happy" in line


def test_the_width_does_not_jump_with_the_label():
    lengths = set()
    for emotion, share in (("happy", 1.0), ("surprised", 0.3), ("sad", 0.09)):
        judged = records.verdict(emotion, share, uncertain=share < 0.5)
        lengths.add(len(live_line(records.message([records.face(judged=judged)]), VITALS, Style(120, color=False))))
    assert len(lengths) == 1


def test_without_unicode_only_ascii():
    line = live_line(records.message(sync=records.sync(audio_lag_ms=None)), Vitals(), Style(120, unicode=False))
    assert line.isascii()


def test_a_narrow_terminal_keeps_what_matters_most():
    line = live_line(records.message(), VITALS, Style(60, color=False))
    assert "hap" in line.split("happy")[1]
    assert "41 ms" not in line
    assert "41 ms" in live_line(records.message(), VITALS, Style(40, color=False))


def test_voice_nobody_and_off():
    style = Style(120, color=False)
    assert "♪ happy" in live_line(records.message([]), VITALS, style)
    assert "nobody here" in live_line(records.message([], records.silence()), VITALS, style)
    assert "switched off" in live_line(records.message(), dataclasses.replace(VITALS, enabled=False), style)


@pytest.mark.parametrize("state", ["connecting", "connected", "refused", "unreachable"])
def test_a_broker_that_is_away_is_told_even_where_there_is_little_room(state):
    vitals = dataclasses.replace(VITALS, broker=state)
    told = [live_line(records.message(), vitals, Style(width, color=False)) for width in (50, 120)]
    told.append(plain_line(records.message(), vitals))
    away = state in {"refused", "unreachable"}
    assert [f"broker {state}" in line for line in told] == [away] * 3


class Screen:
    """The other side of a pseudo-terminal."""

    def __init__(self) -> None:
        self._master, slave = pty.openpty()
        self.stream = os.fdopen(slave, "w", encoding="utf-8")
        self.text = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while data := os.read(self._master, 65536):
                self.text += data.decode()
        except OSError:
            return


def test_on_a_terminal_the_line_repaints_itself(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = Screen()
    terminal = Terminal(screen.stream)
    assert terminal.live
    terminal.start()
    for _ in range(5):
        terminal.result(records.message(), records.result())
        time.sleep(0.02)
    until(lambda: screen.text.count("happy") >= 2, "the line")
    assert "\n" not in screen.text
    terminal.stop()
    until(lambda: "\x1b[?25h" in screen.text, "the cursor")
    assert screen.text.count("\n") == 1
    assert "38;2;250;204;21" in screen.text


def test_anywhere_else_one_plain_line_a_second():
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.start()
    for tick in range(15):
        made = records.message(end_ns=(100 + tick) * records.SECOND // 5 + 7)
        terminal.result(made)
    terminal.stop()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    assert "\x1b" not in stream.getvalue()
    assert re.fullmatch(r"\d{4}-.*Z  \* happy +80%  \|  1 face  \|  41 ms  \|  lag \+38 ms", lines[0]), lines[0]


def test_json_lines_are_whole_lines_of_json():
    read, write = os.pipe()
    sink = JsonLines(os.fdopen(write, "w"))
    sink.start()
    for seq in range(3):
        sink.result(records.message(seq=seq), records.result())
    sink.stop()
    lines = os.read(read, 1 << 20).decode().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [0, 1, 2]


def test_a_reader_that_went_away_ends_the_output_only(caplog):
    read, write = os.pipe()
    sink = JsonLines(os.fdopen(write, "w"))
    sink.start()
    os.close(read)
    sink.result(records.message())
    until(lambda: "nobody reads" in caplog.text, "the log says so")
    sink.result(records.message())
    sink.stop()


def test_a_full_disk_is_not_taken_for_a_reader_that_left(caplog):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        sink = JsonLines(full)
        sink.start()
        sink.result(records.message())
        until(lambda: sink.failure is not None, "the failure")
        sink.stop()
    assert isinstance(sink.failure, OSError)
    assert not reader_left(sink.failure)
    until(lambda: "cannot be written (No space left on device)" in caplog.text, "the log says so")


def test_a_pipe_that_does_not_block_is_waited_for():
    read, write = os.pipe()
    os.set_blocking(write, False)
    sink = JsonLines(os.fdopen(write, "w"))
    sink.start()
    made = [records.message(seq=seq) for seq in range(200)]
    for message in made:
        sink.result(message)
    time.sleep(0.3)  # the pipe is full by now
    size, text = sum(len(encode(message)) + 1 for message in made), b""
    while len(text) < size:
        text += os.read(read, 65536)
    assert [json.loads(line)["seq"] for line in text.decode().splitlines()] == list(range(200))
    assert sink.failure is None
    sink.stop()


def test_a_reader_that_sleeps_blocks_nobody():
    _read, write = os.pipe()
    sink = JsonLines(os.fdopen(write, "w"))
    sink.start()
    message = records.message()
    started = time.monotonic()
    for _ in range(2000):
        sink.result(message)
    sink.stop()
    assert time.monotonic() - started < 10
    assert sink.dropped > 1000


def test_a_journal_is_known_by_the_name_that_systemd_gives_it(tmp_path):
    with (tmp_path / "journal").open("w") as stream:
        status = os.fstat(stream.fileno())
        assert is_journal(stream, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
        assert not is_journal(stream, {"JOURNAL_STREAM": f"{status.st_dev}:1"}), "sent elsewhere by hand"
        assert not is_journal(stream, {})
    assert not is_journal(stream, {"JOURNAL_STREAM": "8:1"}), "closed"
    assert not is_journal(io.StringIO(), {"JOURNAL_STREAM": "8:1"})
