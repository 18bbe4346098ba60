"""Whether a broker that has just hung up is still there."""

from __future__ import annotations

import socket

from edge.publish.mqtt.broker_url import BrokerAddress

_CONNECT_S = 0.5
_DYING_S = 0.3


def is_alive(address: BrokerAddress) -> bool:
    """Connect, say nothing, and look whether the other side waits; takes up to 0.8 s.

    A process that is being ended may take a connection yet, but it resets it a moment later.
    """
    unix = address.transport == "unix"
    try:
        with (
            socket.socket(socket.AF_UNIX)
            if unix
            else socket.create_connection((address.host, address.port), _CONNECT_S) as line
        ):
            line.settimeout(_DYING_S)
            if unix:
                line.connect(address.path)
            return len(line.recv(1)) > 0
    except TimeoutError:
        return True
    except OSError:
        return False
