"""paho's client, reading faster: a flood of commands must not hold up the answers to pings, which let results leave."""

from __future__ import annotations

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode

READ_BYTES = 16_384


class Intake(paho.Client):
    """Reads in large pieces: a select and three small reads per packet would each give Python's lock away."""

    _piece: bytes = b""
    _read = 0

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Take apart the whole piece that was read; as paho's otherwise."""
        code = super().loop_read(max_packets)
        while code == MQTTErrorCode.MQTT_ERR_SUCCESS and self._read < len(self._piece):
            code = super().loop_read(max_packets)
        return code

    def _sock_recv(self, bufsize: int) -> bytes:
        if self._read == len(self._piece):
            self._piece, self._read = super()._sock_recv(READ_BYTES), 0
        begin, self._read = self._read, min(self._read + bufsize, len(self._piece))
        return self._piece[begin : self._read]
