from __future__ import annotations

import time

import pytest

from edge.buffers import DoubleBuffer
from edge.capture.source import EndOfStream
from edge.clock import MonotonicClock
from edge.errors import DeviceError
from edge.record import reader as module
from edge.record.reader import Reader
from tests.fakes import ScriptedSource


def finished(script, *, capacity=30, **options):
    """A reader that has read the whole script."""
    source = ScriptedSource(script, **options)
    reader = Reader(source, DoubleBuffer(capacity), MonotonicClock())
    reader.start()
    assert reader.over.wait(10)
    reader.join()
    return reader


def test_a_file_is_read_to_its_end():
    reader = finished([1, 2, None, 3, EndOfStream("end")], live=False)
    assert reader.buffer.swap() == [1, 2, 3]
    assert reader.error is None
    assert reader.source.closed == 1


def test_a_lost_device_is_not_opened_again():
    reader = finished([1, DeviceError("gone"), 2])
    assert str(reader.error) == "gone"
    assert (reader.source.opened, reader.source.closed) == (1, 1)
    assert reader.decided


def test_a_device_that_cannot_be_had_is_decided_without_a_sample():
    reader = finished([], openings=["busy"])
    assert str(reader.error) == "busy"
    assert reader.decided
    assert reader.buffer.received == 0


def test_a_drivers_surprise_is_a_device_error_with_its_name():
    reader = finished([1, ZeroDivisionError("what")])
    assert isinstance(reader.error, DeviceError)
    assert "scripted" in str(reader.error)
    assert "ZeroDivisionError" in str(reader.error)


def test_a_device_that_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "SILENT_LIMIT_S", 0.2)
    monkeypatch.setattr(ScriptedSource, "read", lambda _self, _timeout_s: time.sleep(0.01))
    assert "delivered nothing" in str(finished([]).error)


def test_stop_releases_the_device():
    source = ScriptedSource([1])
    reader = Reader(source, DoubleBuffer(4), MonotonicClock())
    reader.start()
    reader.stop()
    reader.join()
    assert source.closed == 1
    assert reader.error is None


@pytest.mark.parametrize("inside", [0, 7])
def test_what_nobody_took_is_counted_after_the_source_is_closed_too(inside):
    source = ScriptedSource([*range(50), EndOfStream("end")])
    source.overflows = inside
    reader = Reader(source, DoubleBuffer(30), MonotonicClock())
    reader.start()
    assert reader.over.wait(10)
    reader.join()
    assert reader.dropped == 20 + inside
    reader.count_from_here()
    assert reader.dropped == 0
