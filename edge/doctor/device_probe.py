"""A program of its own: opens a camera or a microphone for a moment, and answers with a line of JSON.

A driver may hang or crash, and takes nobody along then. What to open comes by standard input: an address may hold a
password, which a command line would show to everybody. Keys: path (sys.path), limit_s, device, and options of
`make_sources`.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
from typing import Any


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Keys: told, or error and kind, the name of the error's class."""
    from edge.capture.source import make_sources
    from edge.clock import MonotonicClock
    from edge.doctor.camera_look import look
    from edge.doctor.closed import switched_off
    from edge.doctor.microphone_listen import listen
    from edge.errors import EdgeError

    try:
        camera, microphone = make_sources(**asked["sources"])
        told: dict[str, Any] = {}
        if camera is not None:
            told = dataclasses.asdict(look(camera, MonotonicClock(), switched_off))
        elif microphone is not None:
            told = dataclasses.asdict(listen(microphone, MonotonicClock(), switched_off))
        return {"told": told}
    except EdgeError as error:
        return {"error": str(error), "kind": type(error).__name__}


if __name__ == "__main__":
    out = os.dup(1)
    os.dup2(2, 1)
    order = json.load(sys.stdin)
    signal.alarm(order["limit_s"])  # should whoever asked be gone
    sys.path[:] = order["path"]
    os.write(out, json.dumps(answer(order)).encode())
    os._exit(0)  # a thread that hangs in its driver is not waited for
