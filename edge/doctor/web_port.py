"""The port of edge-emotion-web."""

from __future__ import annotations

import http.client
import json
import socket
from importlib.util import find_spec

from edge.board.tree import Tree
from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.machine import Machine
from edge.doctor.unit_file import unit_settings

_UNIT = "edge-emotion-web.service"
_HOST = "127.0.0.1"
_PORT = 8088
"""Where it listens unless told otherwise."""
_ANSWER_S = 3.0


class WebPortCheck:
    """It is free, or our own page is behind it."""

    name = "web port"
    uses_packages = False

    def __init__(self, port: int = _PORT) -> None:
        self._port = port

    def run(self, machine: Machine) -> Finding:
        """Call it, where the web service is installed."""
        if find_spec("uvicorn") is None or find_spec("fastapi") is None:
            return not_applicable("edge-emotion-web is not installed (the extra web)")
        if unit_settings(Tree(machine.root), _UNIT) is None:
            return not_applicable(f"there is no {_UNIT} here")
        place = f"{_HOST}:{self._port}"
        try:
            socket.create_connection((_HOST, self._port), _ANSWER_S).close()
        except OSError:
            return ok(f"{place} is free")
        status = _health(self._port)
        if status is not None:
            return ok(f"edge-emotion-web answers at {place}: {status}")
        remedy = (
            f"End that program (sudo ss -ltnp sport = :{self._port} names it), or give edge-emotion-web another --port."
        )
        return Finding(Verdict.WARNING, f"another program has {place}, so edge-emotion-web cannot start", remedy)


def _health(port: int) -> str | None:
    """`status` of our /healthz; None where somebody else answers, or nobody."""
    connection = http.client.HTTPConnection(_HOST, port, timeout=_ANSWER_S)
    try:
        connection.request("GET", "/healthz")
        answer = json.loads(connection.getresponse().read(65536))
        return str(answer["status"]) if "live_clients" in answer else None
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()
