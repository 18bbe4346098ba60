"""Every message on every topic of a whole run is what docs/asyncapi.yaml says."""

from __future__ import annotations

import signal
from collections import Counter

import pytest

from tests.broker import Mosquitto, listening, until
from tests.description import Description
from tests.process.command import Running

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def heard(demo_clip_path, tmp_path_factory):
    """All that was said on all topics while the demo clip played, switched off and on again, and was killed."""
    words = ["--camera", demo_clip_path, "--mic", demo_clip_path, "--loop", "--device-id", "desk", "--json"]
    with Mosquitto(tmp_path_factory.mktemp("broker")) as broker, listening(broker.port, topic="#") as listener:
        with Running(*words, "--broker", broker.url) as running:
            listener.wait_for("stats")
            until(lambda: len(listener.on("emotion")) > 10, "results")
            for word in ("OFF", "ON"):
                after = len(listener.heard)
                listener.publish("edge-emotion/desk/enabled/set", word)
                listener.wait_for("enabled/state", word, after=after)
            listener.publish("homeassistant/status", "online")
            running.wait_for_results(5)
            running.child.send_signal(signal.SIGKILL)
            listener.wait_for("available", "offline")
        running.finish().assert_no_traceback()
        yield list(listener.heard)


def test_every_message_on_every_topic_is_as_described(heard):
    description = Description()
    counted = Counter(description.check(one) for one in heard)  # fails for a topic that is in no channel
    assert set(counted) == set(description.channels)
    assert counted["emotion"] > 10
    streams = {one.topic.split("/")[3] for one in heard if "/status/" in one.topic}
    assert streams == set(description.document["components"]["parameters"]["stream"]["enum"])


def test_the_last_word_of_a_killed_device_is_the_will_that_is_described(heard):
    description = Description()
    (will,) = {
        tuple(sorted(description.resolve(server["bindings"])["mqtt"]["lastWill"].items()))
        for server in description.document["servers"].values()
    }
    last = [one for one in heard if one.topic.endswith("/available")][-1]
    topic = dict(will)["topic"].format(deviceId="desk")
    told = {"topic": last.topic, "message": last.payload, "qos": last.qos, "retain": last.retain}
    assert told == {**dict(will), "topic": topic}
