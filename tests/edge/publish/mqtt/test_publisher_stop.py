from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from tests.broker import listening
from tests.edge.publish.mqtt.device import DETAIL, connected, everything, happy_state

pytestmark = pytest.mark.timeout(120)


def test_stop_says_null_then_stopped_and_no_will_follows(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
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


def test_stop_waits_for_a_slow_broker(broker, publishers):
    with listening(broker.port) as listener:
        publisher = connected(publishers(broker.url))
        listener.wait_for("available", "online")
        os.kill(broker._child.pid, signal.SIGSTOP)
        for number in range(50):
            publisher.event({"number": number})
        threading.Timer(0.5, os.kill, (broker._child.pid, signal.SIGCONT)).start()
        publisher.stop()
        listener.wait_for("available", "stopped")
        assert [one.json()["number"] for one in listener.on("event")] == list(range(50))


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
