"""A program of its own: opens a camera or a microphone for a moment, and answers with lines of JSON.

A driver may hang or crash, and takes nobody along then. What to open comes as a line on standard input: an address may
hold a password, which a command line would show to everybody. Keys: path (sys.path), limit_s, and sources, the options
of `make_sources`. The first line that is answered says that all is imported.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

_PATIENCE_S = 5


def answer(sources: dict[str, Any]) -> dict[str, Any]:
    """Keys: told, or error and kind, the name of the error's class."""
    import dataclasses

    from edge.capture.source import make_sources
    from edge.clock import MonotonicClock
    from edge.doctor.camera_look import look
    from edge.doctor.closed import switched_off
    from edge.doctor.microphone_listen import listen
    from edge.errors import EdgeError

    try:
        camera, microphone = make_sources(**sources)
        say({"ready": True})
        told: dict[str, Any] = {}
        if camera is not None:
            told = dataclasses.asdict(look(camera, MonotonicClock(), switched_off))
        elif microphone is not None:
            told = dataclasses.asdict(listen(microphone, MonotonicClock(), switched_off))
        return {"told": told}
    except EdgeError as error:
        return {"error": str(error), "kind": type(error).__name__}


def say(words: dict[str, Any]) -> None:
    """A line for whoever asked; what libraries print goes to standard error."""
    os.write(OUT, json.dumps(words).encode() + b"\n")


if __name__ == "__main__":
    OUT = os.dup(1)
    os.dup2(2, 1)
    order = json.loads(sys.stdin.readline())
    sys.path[:] = order["path"]
    signal.alarm(order["limit_s"] + _PATIENCE_S)  # should whoever asked be gone
    say(answer(order["sources"]))
    os._exit(0)  # a thread that hangs in its driver is not waited for
