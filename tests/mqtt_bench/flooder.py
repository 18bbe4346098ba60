"""Sends commands as fast as it is told, with as little as possible between it and the socket.

    python -m tests.mqtt_bench.flooder PORT TOPIC PER_SECOND SECONDS

Packets of MQTT 3.1.1 at QoS 0, made once; prints how many were sent.
"""

from __future__ import annotations

import socket
import sys
import time

from tests.broker import HOST

PAYLOADS = (b"ON", b"on", b'{"state": "OFF"}', b"\xff\xfe\x00", b"[" * 64, b"1e999", b"")
STEP_S = 0.01


def packet(kind: int, body: bytes) -> bytes:
    """A packet shorter than 128 bytes: its length is one byte."""
    return bytes([kind, len(body)]) + body


def text(value: bytes) -> bytes:
    """A string as MQTT writes it."""
    return len(value).to_bytes(2, "big") + value


def flood(port: int, topic: str, per_second: int, seconds: float) -> int:
    """Send; gives how many were sent."""
    hello = packet(0x10, text(b"MQTT") + bytes([4, 2, 0, 0]) + text(b"flooder"))
    packets = [packet(0x30, text(topic.encode()) + payload) for payload in PAYLOADS]
    sent = 0
    with socket.create_connection((HOST, port)) as broker:
        broker.sendall(hello)
        assert broker.recv(4) == b"\x20\x02\x00\x00", "the broker lets it in"
        began = time.monotonic()
        while (now := time.monotonic()) - began < seconds:
            due = int((now - began) * per_second) - sent
            broker.sendall(b"".join(packets[number % len(packets)] for number in range(sent, sent + due)))
            sent += due
            time.sleep(STEP_S)
        broker.sendall(packet(0xE0, b""))
    return sent


if __name__ == "__main__":
    print(flood(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
