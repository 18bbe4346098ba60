from __future__ import annotations

import itertools
import threading
import time

from edge.publish.mqtt.outbox import EVENTS, FRESH_NS, Outbox, Outgoing

ANY = frozenset({0, 1})
MOMENTS = itertools.count()


def message(topic: str, payload: str = "", qos: int = 1, t_ns: int | None = None) -> Outgoing:
    """Each is younger than the one before it, unless told."""
    return Outgoing(topic, payload, qos, retain=False, t_ns=next(MOMENTS) if t_ns is None else t_ns)


def drain(outbox: Outbox, now_ns: int = 0, qos: frozenset[int] = ANY) -> list[str]:
    return [one.topic + one.payload for one in iter(lambda: outbox.take(now_ns, qos), None)]


def test_what_must_arrive_goes_in_the_order_it_came():
    outbox = Outbox()
    outbox.put_retained(message("state", "1"))
    outbox.put_queued(message("event", "1"))
    outbox.put_retained(message("available", "stopped"))
    assert drain(outbox) == ["state1", "event1", "availablestopped"]
    assert outbox.waiting == 0


def test_retained_is_the_last_per_topic_and_can_be_sent_again():
    outbox = Outbox()
    for number in "123":
        outbox.put_retained(message("state", number))
    outbox.put_retained(message("available", "online"))
    assert drain(outbox) == ["state3", "availableonline"]
    outbox.resend_retained()
    outbox.put_queued(message("event"))
    assert drain(outbox) == ["state3", "availableonline", "event"]


def test_events_are_bounded_and_the_oldest_go():
    outbox = Outbox()
    for number in range(EVENTS + 5):
        outbox.put_queued(message("e", str(number)))
    assert outbox.dropped == {"e": 5}
    assert drain(outbox) == [f"e{number}" for number in range(5, EVENTS + 5)]


def test_only_the_newest_result_of_a_topic_waits_and_only_while_it_is_fresh():
    outbox = Outbox()
    outbox.put_newest(message("r", "1", qos=0, t_ns=0))
    outbox.put_newest(message("r", "2", qos=0, t_ns=0))
    outbox.put_newest(message("other", "1", qos=0, t_ns=0))
    assert drain(outbox, FRESH_NS) == ["r2", "other1"]
    outbox.put_newest(message("r", "3", qos=0, t_ns=0))
    assert drain(outbox, FRESH_NS + 1) == []
    assert outbox.dropped == {"r": 2}


def test_a_retained_message_that_a_newer_one_replaces_is_no_loss():
    outbox = Outbox()
    outbox.put_retained(message("state", "1"))
    outbox.put_retained(message("state", "2"))
    assert drain(outbox) == ["state2"]
    outbox.put_retained(message("state", "3"))
    assert (outbox.replaced, outbox.dropped) == (1, {})


def test_what_got_no_receipt_goes_before_all_that_is_newer_and_counts_when_there_is_no_room():
    outbox = Outbox()
    for number in range(EVENTS):
        outbox.put_queued(message("e", f" {number}"))
    taken = [outbox.take(0, ANY) for _ in range(20)]
    outbox.put_retained(message("state"))
    outbox.put_again(taken)
    assert drain(outbox) == [*(f"e {number}" for number in range(EVENTS)), "state"]
    for number in range(EVENTS):
        outbox.put_queued(message("e", f" {number}"))
    outbox.put_again(taken)
    assert outbox.dropped == {"e": 20}
    assert drain(outbox) == [f"e {number}" for number in range(EVENTS)]


def test_what_is_sent_again_keeps_its_place_so_that_the_last_word_stays_last():
    outbox = Outbox()
    outbox.put_retained(message("available", "online"))
    outbox.put_retained(message("state", "1"))
    outbox.put_queued(message("event", "1"))
    outbox.put_retained(message("available", "stopped"))
    taken = [outbox.take(0, ANY) for _ in range(3)]
    outbox.put_again([one for one in taken if one.topic == "event"])
    outbox.resend_retained()
    assert drain(outbox) == ["state1", "event1", "availablestopped"]


def test_it_tells_when_the_newest_message_of_a_quality_was_put():
    outbox = Outbox()
    assert outbox.last_put_ns(0) is None
    outbox.put_newest(message("r", qos=0, t_ns=5))
    outbox.put_queued(message("e", qos=1, t_ns=7))
    outbox.put_retained(message("stats", qos=0, t_ns=6))
    assert (outbox.last_put_ns(0), outbox.last_put_ns(1)) == (6, 7)


def test_a_message_becomes_json_when_it_leaves_and_counts_when_it_cannot():
    outbox = Outbox()
    told = Outgoing("stats", {"level": float("-inf")}, 0, retain=True, t_ns=0)
    assert told.payload == '{"level":null}'
    outbox.lose(told)
    assert outbox.dropped == {"stats": 1}


def test_a_full_line_of_one_quality_does_not_hold_up_the_other():
    outbox = Outbox()
    outbox.put_retained(message("state"))
    outbox.put_queued(message("event"))
    outbox.put_newest(message("result", qos=0))
    assert drain(outbox, qos=frozenset({0})) == ["result"]
    assert drain(outbox, qos=frozenset({1})) == ["state", "event"]


def test_wait_ends_when_something_comes_even_if_it_came_before():
    outbox = Outbox()
    outbox.put_newest(message("r", qos=0))
    started = time.monotonic()
    assert outbox.wait(20)
    threading.Timer(0.05, outbox.wake).start()
    assert outbox.wait(20)
    assert not outbox.wait(0.0)
    assert time.monotonic() - started < 10
