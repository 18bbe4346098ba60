from __future__ import annotations

import random
import socket
import threading

import paho.mqtt.client as paho  # noqa: TID251
import pytest
from paho.mqtt.enums import CallbackAPIVersion  # noqa: TID251

from edge.publish.mqtt.intake import READ_BYTES, Intake

TOPIC = b"edge-emotion/desk/enabled/set"
PAYLOADS = [b"ON", b"", b"\xff\xfe", b"x" * 300, b"y" * (2 * READ_BYTES), b"OFF"]


def packet(payload: bytes, head: int = 0x30, properties: bytes = b"\0") -> bytes:
    """A PUBLISH as a broker sends it."""
    number = b"\x00\x07" if head & 6 else b""
    body = len(TOPIC).to_bytes(2, "big") + TOPIC + number + properties + payload
    length, rest = b"", len(body)
    while rest or not length:
        length, rest = length + bytes([rest % 128 | (128 if rest > 127 else 0)]), rest // 128
    return bytes([head]) + length + body


@pytest.fixture
def far():
    """The broker's end of a client that notes in `far.heard` what arrives: payload, QoS, retain flag."""

    class Far:
        def __init__(self) -> None:
            self.end, near = socket.socketpair()
            near.setblocking(False)
            self.heard: list[tuple[bytes, int, bool]] = []
            self.client = Intake(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
            self.client._sock = near
            self.client.on_message = lambda _c, _d, one: self.heard.append((one.payload, one.qos, one.retain))

        def says(self, *pieces: bytes) -> list[tuple[bytes, int, bool]]:
            sender = threading.Thread(target=lambda: [self.end.sendall(piece) for piece in pieces])
            sender.start()
            while sender.is_alive() or not self.quiet():
                self.client._loop(0.05)
            return self.heard

        def quiet(self) -> bool:
            self.client._loop(0.05)
            try:
                self.client._sock.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                return True
            return False

    made = Far()
    yield made
    made.end.close()
    made.client._sock.close()


def test_messages_arrive_whole_wherever_they_are_cut(far):
    stream, chance = b"".join(map(packet, PAYLOADS)), random.Random(1)
    cuts = sorted(chance.sample(range(len(stream)), 60))
    far.says(*(stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)))
    assert far.heard == [(payload, 0, False) for payload in PAYLOADS]


def test_a_flood_in_one_piece_arrives_in_order(far):
    far.says(b"".join(packet(b"%d" % number) for number in range(5_000)))
    assert far.heard == [(b"%d" % number, 0, False) for number in range(5_000)]


def test_packets_of_every_kind_keep_their_flags(far):
    far.says(packet(b"a", 0x31), packet(b"b", 0x32), packet(b"c", properties=b"\x02\x01\x01"))
    assert far.heard == [(b"a", 0, True), (b"b", 1, False), (b"c", 0, False)]
