"""Sound that comes faster than somebody takes it."""

from __future__ import annotations

import time

import pytest

from edge.capture.recorder import Recorder
from edge.capture.sound_watch import LATE, SoundWatch
from edge.sync.stamps import StampGuard
from tests.microphone import listen

pytestmark = pytest.mark.timeout(120)


def test_a_reader_that_sleeps_loses_the_oldest_and_it_is_counted(microphone, monkeypatch):
    monkeypatch.setattr("edge.capture.recorder._INBOX", 25)
    microphone.open()
    listen(microphone, 0.3)
    time.sleep(1.0)
    chunk = microphone.read(0.5)
    assert microphone.overflows > 10
    assert chunk.arrived_ns - chunk.end_ns < 500_000_000, "what was dropped shifts no stamp"
    assert time.monotonic_ns() - listen(microphone, 0.5)[-1].t_ns < 1_000_000_000, (
        "and the reader is in the present again"
    )


def test_what_was_lost_is_counted_over_all_openings(microphone, monkeypatch):
    monkeypatch.setattr("edge.capture.recorder._INBOX", 5)
    for _ in range(2):
        before = microphone.overflows
        microphone.open()
        listen(microphone, 0.3)
        time.sleep(0.5)
        microphone.close()
        assert microphone.overflows > before + 5


def test_sound_that_is_fetched_too_slowly_is_found_late_with_true_stamps(microphone, monkeypatch):
    """A callback of 50 ms for 20 ms of sound: no overflow is flagged, and the rest piles up in the sound system."""
    fetch = Recorder._callback
    monkeypatch.setattr(Recorder, "_callback", lambda *arguments: (time.sleep(0.05), fetch(*arguments))[1])
    microphone.open()
    watch, guard = SoundWatch(microphone), StampGuard(live=True)
    faults, end = [], time.monotonic() + 8
    while LATE not in faults and time.monotonic() < end:
        for chunk in listen(microphone, 0.2):
            faults.append(watch.step(chunk))
            assert guard.step(chunk).t_ns == chunk.t_ns
    assert LATE in faults
    monkeypatch.undo()
    microphone.open()
    watch.reopened()
    assert [watch.step(chunk) for chunk in listen(microphone, 1.5)][-1] != LATE
