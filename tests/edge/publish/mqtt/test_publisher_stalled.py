from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from edge.publish.mqtt.broker_url import BrokerAddress
from edge.publish.mqtt.client import KEEPALIVE_S
from edge.publish.mqtt.delivery import IN_FLIGHT
from edge.publish.mqtt.outbox import EVENTS
from tests.broker import HOST, listening, until
from tests.edge.publish import records
from tests.edge.publish.mqtt.device import connected, happy_state

pytestmark = pytest.mark.timeout(120)
LIFE_S = 2.0


def results(publisher, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> int:
    """Ten results a second for some time, each with the moment at which it was made."""
    began, number = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        publisher.result({**records.message(), "made": time.monotonic()})
        number += 1
        meanwhile()
        time.sleep(0.1)
    return number


@pytest.mark.parametrize("mqtt5", [True, False])
def test_no_result_older_than_two_seconds_comes_when_a_broker_that_stood_still_goes_on(broker, publishers, mqtt5):
    with listening(broker.port) as listener:
        publisher = connected(publishers(BrokerAddress("remote", HOST, broker.port, mqtt5=mqtt5)))
        made = results(publisher, 0.5)
        broker.stall()
        made += results(publisher, LIFE_S + 0.5)
        broker.resume()
        made += results(publisher, 0.5)
        time.sleep(0.2)
        heard = listener.on("emotion")
        ages = [one.at - one.json()["made"] for one in heard]
        assert max(ages) <= LIFE_S
        assert len(heard) >= 7  # before and after
        assert publisher.counts()["queue_drops"]["emotion"] == made - len(heard) > 15
        assert publisher.counts()["mqtt"]["connects"] == 1  # it was noticed long before the connection was given up


def test_what_the_network_held_up_is_asked_for_again_and_the_newest_state_is_the_last(broker, line, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(line.url))
        publisher.state({**happy_state(), "track": 1})
        listener.wait_for("desk/state")
        line.hold()
        publisher.state({**happy_state(), "track": 2})
        for number in range(50):
            publisher.event({"number": number})
        results(publisher, 1.0)  # more than there may be unanswered pings
        until(lambda: publisher.counts()["mqtt"]["in_flight"] == IN_FLIGHT, "as much is under way as may be")
        line.cut()
        until(lambda: not publisher.connected, "connection lost")
        publisher.state({**happy_state(), "track": 3})
        listener.wait_for("event", '{"number":49}')
        connected(publisher)
        until(lambda: not publisher.counts()["mqtt"]["in_flight"], "everything has arrived")
        assert [one.json()["number"] for one in listener.on("event")] == list(range(50))
        assert [one.json()["track"] for one in listener.on("desk/state")] == [1, 3]
        before = len(listener.on("emotion"))
        soon_s = KEEPALIVE_S / 2  # before paho's own ping is answered
        until(lambda: results(publisher, 0.1) and len(listener.on("emotion")) > before, "results go on", soon_s)
        assert all(one.at - one.json()["made"] <= LIFE_S for one in listener.on("emotion"))


def test_a_held_up_network_that_goes_on_brings_no_old_result_and_no_old_state_after_a_newer_one(
    broker, line, publishers
):
    with listening(broker.port) as listener:
        publisher = connected(publishers(line.url))
        results(publisher, 0.5)
        line.hold()
        tracks = iter(range(1000))
        results(publisher, LIFE_S + 0.5, lambda: publisher.state({**happy_state(), "track": next(tracks)}))
        line.release()
        results(publisher, 0.5)
        last = next(tracks) - 1
        until(lambda: listener.on("desk/state")[-1].json()["track"] == last, "the newest state")
        heard = [one.json()["track"] for one in listener.on("desk/state")]
        assert heard == sorted(heard)
        assert max(one.at - one.json()["made"] for one in listener.on("emotion")) <= LIFE_S
        assert publisher.counts()["mqtt"]["replaced"] == last + 1 - len(heard)


def test_a_result_tells_how_long_it_waited_for_the_broker(broker, line, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(line.url))
        until(lambda: not publisher.counts()["mqtt"]["waiting"], "the greeting has left")
        line.hold()
        made = records.message()
        publisher.result(made)
        time.sleep(0.4)
        line.release()
        sent = listener.wait_for("emotion").json()
    for name in ("newest", "oldest"):
        assert sent["window"]["latency_ms"][name] - made["window"]["latency_ms"][name] >= 400


def test_while_the_broker_stands_still_little_lies_in_its_socket(broker, line, publishers):
    with listening(broker.port):
        publisher = connected(publishers(line.url))
        line.hold()
        before = publisher.counts()["mqtt"]["sent"]
        for number in range(200):
            publisher.result(records.message(seq=number))
            publisher.event({"number": number})
            publisher.stats({"number": number})
            time.sleep(0.002)
        assert publisher.counts()["mqtt"]["sent"] - before <= IN_FLIGHT
        assert publisher.counts()["queue_drops"]["event"] >= 200 - IN_FLIGHT - EVENTS
        line.release()
