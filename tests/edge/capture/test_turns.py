from __future__ import annotations

import threading

import pytest

from edge.capture.turns import Turns
from edge.errors import DeviceError


@pytest.fixture
def turns():
    return Turns("It does not answer.")


def hang(turns):
    """A caller inside, until the event is set."""
    inside, comes_back = threading.Event(), threading.Event()

    def call():
        with turns.one(1.0):
            inside.set()
            comes_back.wait(30)

    thread = threading.Thread(target=call)
    thread.start()
    inside.wait(10)
    return thread, comes_back


def test_callers_take_turns_and_nothing_is_told(turns):
    for _ in range(3):
        with turns.one(1.0):
            pass
    assert turns.answers_again == 0


def test_whoever_waits_in_vain_is_told_and_sees_when_the_way_is_free(turns):
    thread, comes_back = hang(turns)
    for _ in range(2):
        with pytest.raises(DeviceError, match="does not answer"), turns.one(0.01):
            pass
    assert turns.answers_again == 0
    comes_back.set()
    thread.join()
    assert turns.answers_again == 1
    with turns.one(1.0):
        pass
    assert turns.answers_again == 1, "a call that nobody gave up on did not hang"


def test_one_that_is_only_slow_changes_nothing(turns):
    thread, comes_back = hang(turns)

    def wait():
        with turns.one(-1):
            pass

    waiting = threading.Thread(target=wait)
    waiting.start()
    comes_back.set()
    thread.join()
    waiting.join()
    assert turns.answers_again == 0


def test_a_turn_ends_with_an_error_too(turns):
    with pytest.raises(ValueError, match="broken"), turns.one(1.0):
        raise ValueError("broken")
    with turns.one(0.01):
        pass
    turns.give_up()
    with turns.one(0.01):
        pass
    assert turns.answers_again == 0, "there was nobody inside to give up on"
