"""Processes that are killed or stand still, and what systemd makes of it."""

from __future__ import annotations

import signal
import time

from tests.bench.row import Row
from tests.device.inside.place import START_S, Place


def killed(place: Place) -> Row:
    """kill -9."""
    before, restarts, began = place.service.pid, place.service.restarts, time.monotonic()
    place.service.kill(signal.SIGKILL)
    _back_again(place, before)
    told = [one.text for one in place.ear.heard("available", began)]
    return Row(
        "kill -9 of the service",
        f"restarted by systemd ({place.service.restarts - restarts} restart); available: {' → '.join(told)}; "
        "both streams online again",
        "the broker tells `offline`; one restart; `online`; both streams back",
        told[:1] == ["offline"] and told[-1:] == ["online"] and place.service.restarts == restarts + 1,
        {"told": told},
    )


def stopped(place: Place) -> Row:
    """SIGSTOP: a process that lives and does nothing."""
    limit_s = int(place.service.shows("WatchdogUSec").rstrip("s") or 0)
    before, restarts, cursor = place.service.pid, place.service.restarts, place.service.cursor()
    began = time.monotonic()
    place.service.kill(signal.SIGSTOP)
    place.until(lambda: place.service.pid != before, "systemd ends what does nothing", START_S)
    took_s = time.monotonic() - began
    _back_again(place, before)
    words = [line for line in place.service.journal(cursor) if "atchdog" in line]
    return Row(
        f"SIGSTOP of the service (WatchdogSec={limit_s})",
        f"“{words[0] if words else 'nothing'}”; {place.service.restarts - restarts} restart; both streams online again",
        "systemd's watchdog ends it; one restart; both streams back",
        bool(words) and place.service.restarts == restarts + 1,
        {"ended_after_s": round(took_s, 1), "watchdog_s": limit_s},
    )


def _back_again(place: Place, before: int) -> None:
    place.tell("waits for the restart")
    place.until(lambda: place.service.pid not in {0, before}, "systemd starts it again", START_S)
    place.until(lambda: place.service.active, "it is ready", START_S)
    now = time.monotonic()
    for stream in ("video", "audio"):
        place.until(
            lambda stream=stream: place.ear.state(stream) == "online" and place.ear.results(now), f"{stream} is back"
        )
