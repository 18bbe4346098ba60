"""`/live` of the real server on a real broker, with our own publisher as the device."""

from __future__ import annotations

import contextlib
import socket
import time

import psutil
import pytest

from tests.broker import listening, until
from tests.edge.publish import records
from tests.edge.web.served import HOST, LiveClient

pytestmark = pytest.mark.timeout(120)
TICK_S = 0.2


def test_a_client_hears_what_is_known_and_then_each_message_as_it_was_sent(served, device):
    until(lambda: served.health()["device"]["engine"] == "online", "the device's words")
    with LiveClient(served.port) as client:
        assert client.response.getheader("content-type").startswith("text/event-stream")
        assert client.wait_for("available") == "online"
        assert client.wait_for("enabled/state") == "ON"
        assert client.wait_for("status/audio/detail") == {"reason": "no sound for 3 s"}
        assert client.wait_for("state")["emotion"] == "happy"
        assert client.wait_for("link")["state"] == "connected"
        assert client.of("emotion") == []
        message = records.message(seq=41)
        device.result(message)
        heard = client.wait_for("emotion")
        assert (heard["seq"], heard["faces"][0]["emotion"]) == (41, "happy")
        device.event({"type": "face_in", "track": 3})
        assert client.wait_for("event")["type"] == "face_in"


def test_twenty_clients_hear_all_in_time_and_cost_little(served, device):
    with contextlib.ExitStack() as leaving:
        clients = [leaving.enter_context(LiveClient(served.port)) for _ in range(20)]
        until(lambda: served.health()["live_clients"] == 20, "twenty")
        process = psutil.Process(served.child.pid)
        before, began_s = process.cpu_times(), time.monotonic()
        for seq in range(15):
            device.result(records.message(seq=seq))
            time.sleep(TICK_S)
        for client in clients:
            until(lambda one=client: len(one.of("emotion")) == 15, "fifteen")
            assert [message["seq"] for message in client.of("emotion")] == list(range(15))
        after, took_s = process.cpu_times(), time.monotonic() - began_s
        busy = (after.user + after.system - before.user - before.system) / took_s
        assert busy <= 0.2, "of one core"
        assert process.memory_info().rss < 100e6
    until(lambda: served.health()["live_clients"] == 0, "all have left")


def test_a_client_that_does_not_read_holds_up_nobody_and_costs_no_memory(served, lasting_broker):
    filling = "x" * 60_000
    with contextlib.ExitStack() as leaving:
        reading = leaving.enter_context(LiveClient(served.port))
        somebody = leaving.enter_context(listening(lasting_broker.port, topic="unused"))
        stalled = leaving.enter_context(socket.socket())
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.connect((HOST, served.port))
        stalled.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until(lambda: served.health()["live_clients"] == 2, "both")
        before = psutil.Process(served.child.pid).memory_info().rss
        for seq in range(500):
            somebody.publish("edge-emotion/desk/emotion", f'{{"seq":{seq},"filling":"{filling}"}}')
            until(lambda one=seq: reading.of("emotion")[-1:] and reading.of("emotion")[-1]["seq"] == one, f"{seq}")
        assert psutil.Process(served.child.pid).memory_info().rss - before < 15e6, "of 30e6 that were sent"


def test_too_many_clients_are_told_so(served):
    until(lambda: served.health()["live_clients"] == 0, "those of the tests before have left")
    with contextlib.ExitStack() as leaving:
        for _ in range(64):
            line = leaving.enter_context(socket.create_connection((HOST, served.port)))
            line.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until(lambda: served.health()["live_clients"] == 64, "as many as there may be")
        answer = served.ask("/live")
        assert (answer.status, answer.detail) == (503, "64 clients listen already: close one of them.")
    until(lambda: served.health()["live_clients"] == 0, "all have left")


def test_nonsense_on_the_topics_is_counted_and_not_handed_on(served, lasting_broker, device):
    with LiveClient(served.port) as client, listening(lasting_broker.port) as somebody:
        somebody.publish("edge-emotion/desk/emotion", b"\xff{")
        somebody.publish("edge-emotion/desk/emotion", b'{"seq": NaN}')
        somebody.publish("edge-emotion/desk/emotion", b'{"a":"x\\n\\nevent: link\\ndata: 1"}')
        somebody.publish("edge-emotion/other/emotion", b'{"seq":5}')
        assert client.wait_for("emotion") == {"a": "x\n\nevent: link\ndata: 1"}
        assert len(client.of("emotion")) == 1
        assert 'edge_emotion_messages_refused_total{device="desk"} 2.0' in served.ask("/metrics").text
