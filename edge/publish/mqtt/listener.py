"""When messages arrive at a subscriber.

`python -m edge.publish.mqtt.listener HOST PORT TOPIC` prints `seq received_ns`, a line each.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion


def listen(host: str, port: int, topic: str) -> None:
    """Subscribe and print one line per message until the process is ended."""
    client = paho.Client(CallbackAPIVersion.VERSION2)

    def on_connect(connected: paho.Client, *_: Any) -> None:
        connected.subscribe(topic)
        print("ready", flush=True)  # noqa: T201

    def on_message(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        received_ns = time.monotonic_ns()
        print(json.loads(message.payload)["seq"], received_ns, flush=True)  # noqa: T201

    client.on_connect = on_connect
    client.on_message = on_message
    client.connect(host, port)
    client.loop_forever()


if __name__ == "__main__":
    listen(sys.argv[1], int(sys.argv[2]), sys.argv[3])
