import threading

import pytest

from edge.clock import MonotonicClock
from edge.stage import Stage


@pytest.mark.timeout(60)
def test_an_error_in_a_step_is_counted_and_the_stage_goes_on(caplog):
    calls = []
    enough = threading.Event()

    def step():
        calls.append(1)
        if len(calls) <= 2:
            raise ValueError("bad sample")
        enough.set()
        threading.Event().wait(0.01)

    stage = Stage("faces", step, MonotonicClock())
    stage.start()
    assert enough.wait(10)
    stage.stop()
    assert stage.join(5)
    assert stage.errors == 2
    said = [record.message for record in caplog.records if "bad sample" in record.message]
    assert len(said) == 1, "the same fault is said once"


@pytest.mark.timeout(60)
def test_the_pulse_beats_while_it_runs_and_stops_when_a_step_hangs():
    hang = threading.Event()
    release = threading.Event()

    def step():
        if hang.is_set():
            release.wait(10)
        else:
            threading.Event().wait(0.01)

    stage = Stage("faces", step, MonotonicClock())
    first = stage.beat_ns
    stage.start()
    threading.Event().wait(0.2)
    assert stage.beat_ns > first
    hang.set()
    threading.Event().wait(0.1)
    stuck = stage.beat_ns
    threading.Event().wait(0.3)
    assert stage.beat_ns == stuck
    stage.stop()
    release.set()
    assert stage.join(5)
