"""The `servers` of the AsyncAPI document: the ways to a broker, the login and the last will."""

from __future__ import annotations

from typing import Any, NamedTuple

from edge.publish.mqtt.topics import BASE

BINDING = "0.2.0"  # of AsyncAPI's MQTT bindings: the first version that knows MQTT 5
_HOST = {"default": "localhost", "description": "The broker's name or address."}


class _Way(NamedTuple):
    protocol: str
    host: str
    pathname: str | None
    logins: tuple[str, ...]
    description: str


_WAYS = (
    _Way("mqtt", "{host}:1883", None, ("password",), "Plain TCP."),
    _Way("mqtts", "{host}:8883", None, ("password", "certificate"), "TLS, with the system's or an own CA."),
    _Way("ws", "{host}:8080", "/mqtt", ("password",), "WebSockets."),
    _Way("wss", "{host}:8081", "/mqtt", ("password", "certificate"), "WebSockets over TLS."),
    _Way("unix", "localhost", "/run/mosquitto/mosquitto.sock", ("password",), "A socket on the same machine."),
)


def servers() -> dict[str, Any]:
    """One server for each kind of broker URL; hosts, ports and paths are examples."""
    return {way.protocol: _server(way) for way in _WAYS}


def security_schemes() -> dict[str, Any]:
    """How a broker may ask who is there."""
    return {
        "password": {"type": "userPassword", "description": "Where the broker wants a login."},
        "certificate": {"type": "X509", "description": "A client certificate, where the broker wants one."},
    }


def server_bindings() -> dict[str, Any]:
    """How the device logs in, whatever the way."""
    will = {"topic": f"{BASE}/{{deviceId}}/available", "message": "offline", "qos": 1, "retain": True}
    return {"device": {"mqtt": {"cleanSession": True, "keepAlive": 10, "lastWill": will, "bindingVersion": BINDING}}}


def _server(way: _Way) -> dict[str, Any]:
    server: dict[str, Any] = {"host": way.host, "protocol": way.protocol, "protocolVersion": "5"}
    server["description"] = way.description
    if way.pathname is not None:
        server["pathname"] = way.pathname
    if "{host}" in way.host:
        server["variables"] = {"host": _HOST}
    server["security"] = [{"$ref": f"#/components/securitySchemes/{login}"} for login in way.logins]
    server["bindings"] = {"$ref": "#/components/serverBindings/device"}
    return server
