"""Work on a thread of its own, and Ctrl-C meanwhile."""

import signal
import threading

import pytest

from engines.build.phases import Phases
from engines.build.watched import watched


def nothing():
    pass


def test_what_the_work_returns_or_raises_comes_back():
    assert watched(lambda: 7, Phases(), nothing) == 7
    with pytest.raises(ZeroDivisionError):
        watched(lambda: 1 / 0, Phases(), nothing)


def working(phases, begun, ended):
    """Works until it is told to stop."""
    begun.set()
    while phases.step("all", 0):
        threading.Event().wait(0.01)
    ended.append(True)


def test_ctrl_c_stops_the_work_and_waits_for_its_end():
    phases, begun, ended = Phases(), threading.Event(), []
    presser = threading.Thread(target=lambda: (begun.wait(10), signal.raise_signal(signal.SIGINT)))
    presser.start()
    with pytest.raises(KeyboardInterrupt):
        watched(lambda: working(phases, begun, ended), phases, nothing)
    presser.join()
    assert ended == [True]


def test_a_listener_that_is_gone_stops_the_work():
    phases, begun, ended = Phases(), threading.Event(), []

    def gone():
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        watched(lambda: working(phases, begun, ended), phases, gone)
    assert ended == [True]
