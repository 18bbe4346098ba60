"""The privacy switch: OFF outlives whatever happens, and nobody has a device open."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from tests.bench.row import Row
from tests.device.inside.place import START_S, Place
from tests.device.inside.service import SENSORS, holders

WATCH_S = 6.0
PROMISED = "OFF stays; no process ever has /dev/video* or /dev/snd/pcmC*c open; ON brings both back"


def killed(place: Place) -> Row:
    """OFF, then kill -9."""
    _switch_off(place)
    before = place.service.pid
    place.service.kill(signal.SIGKILL)
    seen = _watched(place, before)
    return _judged(place, "switched OFF, then kill -9: systemd starts the service again", seen)


def restarted(place: Place) -> Row:
    """OFF, a restart, and somebody's retained ON on the command's topic."""
    _switch_off(place)
    before = place.service.pid
    place.ear.say("enabled/set", "ON", retain=True)
    time.sleep(1.0)
    ignored = place.ear.last("enabled/state") == "OFF"
    if ignored:
        place.service.restart()
    seen = _watched(place, before)
    place.ear.say("enabled/set", "", retain=True)
    return _judged(place, "switched OFF, then a retained ON and a restart of the service", seen)


def before_cut(place: Place) -> None:
    """OFF; the power is cut as soon as it is acknowledged."""
    place.well()
    place.ear.say("enabled/set", "OFF")
    place.until(lambda: place.ear.last("enabled/state") == "OFF", "OFF is acknowledged", START_S)


def power_cut(place: Place) -> Row:
    """The power is cut right after OFF is acknowledged."""
    seen = _watched(place, 0)
    return _judged(place, "switched OFF; the power is cut as soon as that is acknowledged; boot", seen)


def _switch_off(place: Place) -> None:
    place.ear.say("enabled/set", "OFF")
    place.until(lambda: place.ear.last("enabled/state") == "OFF", "OFF is acknowledged")
    place.until(lambda: not holders(), "devices are released")


def _watched(place: Place, before: int) -> set[str]:
    """Who had a device open from now until the service runs anew and some seconds longer."""
    seen: set[str] = set()

    def look() -> bool:
        seen.update(holders())
        return place.service.pid not in {0, before} and place.service.active

    place.tell("watches the devices")
    place.until(look, "the service is ready", START_S)
    end = time.monotonic() + WATCH_S
    while time.monotonic() < end:
        seen.update(holders())
        time.sleep(0.05)
    return seen


def _judged(place: Place, made: str, seen: set[str]) -> Row:
    state, kept = place.ear.last("enabled/state"), Path("/var/lib/edge-emotion/enabled").read_text("utf-8").strip()
    streams = [place.ear.state(stream) for stream in ("video", "audio")]
    place.ear.say("enabled/set", "ON")
    place.until_state("video", "online")
    place.until_state("audio", "online")
    return Row(
        made,
        f"still {state} (on disk {kept}), both {streams[0]}; {len(seen)} openings of a device seen; ON: both online",
        PROMISED,
        state == kept == "OFF" and streams == ["disabled", "disabled"] and not seen,
        {"seen": sorted(seen), "looked_at": SENSORS},
    )
