from __future__ import annotations

import pytest

from edge.publish.mqtt.pulse import PINGS_OPEN, Pulse


class Broker:
    """A connection whose broker answers pings when a test says so."""

    def __init__(self) -> None:
        self.pings = 0
        self.pongs = 0

    def ping(self) -> None:
        self.pings += 1


@pytest.fixture
def broker() -> Broker:
    return Broker()


def test_it_asks_once_for_each_message_and_not_at_all_for_none(broker):
    pulse = Pulse(broker)
    for put_ns in (None, 1, 1, 1, None, 2, 2):
        pulse.ask_for(put_ns)
    assert broker.pings == 2


def test_an_answer_counts_once(broker):
    pulse = Pulse(broker)
    pulse.ask_for(1)
    assert not pulse.answered()
    broker.pongs += 1
    assert pulse.answered()
    assert not pulse.answered()


def test_it_does_not_wait_for_one_answer_to_ask_again_but_a_silent_broker_is_not_asked_for_ever(broker):
    pulse = Pulse(broker)
    for put_ns in range(50):
        pulse.ask_for(put_ns)
    assert broker.pings == PINGS_OPEN
    broker.pongs += 2
    assert pulse.answered()
    for put_ns in range(50, 100):
        pulse.ask_for(put_ns)
    assert broker.pings == PINGS_OPEN + 2


def test_a_new_connection_is_asked_anew_and_the_old_answers_do_not_count(broker):
    pulse = Pulse(broker)
    for put_ns in range(PINGS_OPEN):
        pulse.ask_for(put_ns)
    broker.pongs += 3
    pulse.forget()
    assert not pulse.answered()
    pulse.ask_for(PINGS_OPEN - 1)
    assert broker.pings == PINGS_OPEN + 1


def test_the_answer_to_a_ping_of_the_keepalive_is_a_sign_of_life_as_well(broker):
    pulse = Pulse(broker)
    pulse.ask_for(1)
    broker.pongs += 2
    assert pulse.answered()
    for put_ns in range(2, 50):
        pulse.ask_for(put_ns)
    assert broker.pings == 1 + PINGS_OPEN
