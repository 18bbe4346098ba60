from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from edge.publish.mqtt.outbox import EVENTS
from edge.publish.mqtt.publisher import FLUSH_S
from tests.broker import HOST, free_port, listening, until
from tests.edge.publish.mqtt.device import DETAIL, connected, everything, happy_state

pytestmark = pytest.mark.timeout(120)


def test_stop_says_null_then_stopped_and_no_will_follows(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        listener.wait_for("available", "online")  # else `stopped` may replace it where it waits
        publisher.state(happy_state())
        publisher.event({"type": "last words"})
        publisher.stop()
        publisher.stop()
        stopped = listener.wait_for("available", "stopped")
        before = listener.heard[: listener.heard.index(stopped)]
        assert [one for one in before if one.topic.endswith("desk/state")][-1].json()["emotion"] is None
        assert "last words" in [one.json()["type"] for one in before if one.topic.endswith("/event")]
        time.sleep(0.3)
        assert [one.payload for one in listener.on("available")] == ["online", "stopped"]


def test_stop_says_offline_for_every_status_before_stopped_and_nothing_after(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        everything(publisher)
        listener.wait_for("status/video", "online")
        publisher.stop()
        publisher.status("video", "online", DETAIL)
        stopped = listener.wait_for("available", "stopped")
        before = listener.heard[: listener.heard.index(stopped)]
        for name in ("video", "audio", "engine"):
            said = [one for one in before if f"/status/{name}" in one.topic][-2:]
            assert {one.payload for one in said} == {"offline", '{"reason":"stopped"}'}


def test_a_thread_that_is_late_does_not_have_the_last_word(broker, publishers):
    publisher = connected(publishers(broker.url))
    everything(publisher)
    broker.stall()

    def speak() -> None:
        publisher.status("video", "online", DETAIL)
        broker.resume()

    threading.Timer(0.5, speak).start()
    publisher.stop()
    with listening(broker.port) as listener:
        assert listener.wait_for("available").payload == "stopped"
        assert listener.wait_for("status/video").payload == "offline"


def test_stop_waits_for_a_slow_broker(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        listener.wait_for("available", "online")
        broker.stall()
        for number in range(50):
            publisher.event({"number": number})
        threading.Timer(0.5, broker.resume).start()
        publisher.stop()
        listener.wait_for("available", "stopped")
        assert numbers(listener) == list(range(50))


def numbers(listener) -> list[int]:
    return [one.json()["number"] for one in listener.on("event")]


def test_five_hundred_events_are_all_there_before_stopped(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        for number in range(500):
            until(lambda: publisher.counts()["mqtt"]["waiting"] < EVENTS, "there is room")
            publisher.event({"number": number})
        publisher.stop()
        stopped = listener.wait_for("available", "stopped")
        assert numbers(listener) == list(range(500))
        assert listener.heard.index(stopped) == len(listener.heard) - 1
        assert publisher.counts()["queue_drops"]["event"] == 0


def test_of_five_hundred_events_at_once_those_that_are_not_counted_as_dropped_arrive_in_order(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        for number in range(500):
            publisher.event({"number": number})
        publisher.stop()
        listener.wait_for("available", "stopped")
        heard = numbers(listener)
        assert heard == sorted(set(heard))
        assert heard[-EVENTS:] == list(range(500 - EVENTS, 500))
        assert len(heard) + publisher.counts()["queue_drops"]["event"] == 500


def test_stop_takes_three_seconds_at_most_for_a_broker_that_stands_still_and_leaves_it_the_will(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        listener.wait_for("available", "online")
        broker.stall()
        publisher.event({"number": 1})
        took_s = seconds(publisher.stop)
        broker.resume()
        listener.wait_for("available", "offline")
        assert FLUSH_S <= took_s < FLUSH_S + 1.5


def test_stop_does_not_wait_for_a_broker_that_was_never_there(publishers):
    publisher = publishers(f"mqtt://{HOST}:{free_port()}")
    publisher.event({"number": 1})
    assert seconds(publisher.stop) < FLUSH_S


def test_stop_gives_a_broker_that_has_just_gone_the_time_to_come_back(broker, publishers):
    publisher = connected(publishers(broker.url))
    broker.stop()
    until(lambda: not publisher.connected, "connection lost")
    broker.start()
    took_s = seconds(publisher.stop)
    with listening(broker.port) as listener:
        assert listener.wait_for("available").payload == "stopped"
        assert listener.wait_for("desk/state").json()["emotion"] is None
    assert took_s < FLUSH_S + 1.5


def test_what_was_under_way_when_the_connection_broke_is_said_again_before_the_end(broker, line, publishers):
    publisher = connected(publishers(line.url))
    publisher.state(happy_state())
    until(lambda: not publisher.counts()["mqtt"]["in_flight"], "the state has arrived")
    line.hold()
    threading.Timer(0.3, line.cut).start()
    publisher.stop()
    with listening(broker.port) as listener:
        assert listener.wait_for("available").payload == "stopped"
        assert listener.wait_for("desk/state").json()["emotion"] is None


def seconds(action) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


def test_the_will_speaks_when_the_process_is_killed(broker):
    program = textwrap.dedent(f"""
        import time
        from edge.publish.mqtt.broker_url import parse_broker
        from edge.publish.message import RunIdentity
        from edge.publish.mqtt.publisher import MqttPublisher
        publisher = MqttPublisher(parse_broker({broker.url!r}), RunIdentity.fresh("killed"))
        publisher.start()
        time.sleep(60)
    """)
    with listening(broker.port) as listener:
        child = subprocess.Popen([sys.executable, "-c", program])
        try:
            listener.wait_for("available", "online")
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
        will = listener.wait_for("available", "offline")
        assert (will.qos, will.retain, will.topic) == (1, True, "edge-emotion/killed/available")
