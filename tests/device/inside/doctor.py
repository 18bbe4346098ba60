"""The doctor with real devices: it opens them for a moment, and leaves to the daemon what the daemon uses."""

from __future__ import annotations

import os
import time
from pathlib import Path

from edge.config import set_enabled
from edge.doctor import Finding, Machine, Verdict, examine
from edge.doctor.alsa_name import AlsaNameCheck
from edge.doctor.camera import CameraCheck
from edge.doctor.microphone import MicrophoneCheck
from edge.doctor.service_groups import ServiceGroupsCheck
from tests.bench.row import Row
from tests.device.inside.place import Place
from tests.device.inside.service import SETTINGS, UNIT, holders, run

_CHECKS = (CameraCheck(), MicrophoneCheck(), AlsaNameCheck(), ServiceGroupsCheck())
_STATE = {"STATE_DIRECTORY": "/var/lib/edge-emotion"}
_NOBODY_SEEN = Path("/nowhere")
"""A root without /proc: as for a user from whom all processes of others are hidden."""


def doctor(place: Place) -> Row:
    """The doctor beside the service, beside it without seeing it, alone, and switched off."""
    service, since = (place.service.pid, place.service.restarts), time.monotonic()
    beside = _look(place, "beside the service")
    blind = _look(place, "beside the service, unseen", _NOBODY_SEEN)
    states = [one.text for stream in ("video", "audio") for one in place.ear.heard(f"status/{stream}", since)]
    undisturbed = (place.service.pid, place.service.restarts) == service and "offline" not in states
    run("systemctl", "stop", UNIT)
    place.until(lambda: not holders(), "devices are released")
    alone = _look(place, "alone", mic="default")
    set_enabled(False, _STATE)
    off = _look(place, "switched off")
    set_enabled(True, _STATE)
    left = all("the running daemon" in beside[name].found for name in ("camera", "microphone"))
    refused = all(blind[name].verdict is Verdict.WARNING for name in ("camera", "microphone"))
    opened = "pictures a second" in alone["camera"].found and "dBFS" in alone["microphone"].found
    card = "leads to a card" in alone["alsa name"].found
    closed = all(off[name].verdict is Verdict.NOT_APPLICABLE for name in ("camera", "microphone"))
    groups = beside["service groups"].verdict is Verdict.OK
    return Row(
        "`edge-emotion doctor` beside the service, then alone, then switched OFF",
        f"beside: “{beside['camera'].found}”, {'undisturbed' if undisturbed else 'disturbed'} by openings in vain; "
        f"alone: “{alone['camera'].found}”, “{alone['microphone'].found}”; OFF: "
        f"{'nothing' if closed else 'something'} opened",
        "what the service uses is left to it; alone both are opened and judged; OFF: neither",
        left and refused and undisturbed and opened and card and closed and groups,
        {
            name: {key: finding.found for key, finding in each.items()}
            for name, each in {"beside": beside, "blind": blind, "alone": alone, "off": off}.items()
        },
    )


def _look(place: Place, words: str, root: Path = Path("/"), **flags: str) -> dict[str, Finding]:
    place.tell(words)
    machine = Machine(flags, SETTINGS, {**os.environ, **_STATE}, root)
    machine.__dict__["package_faults"] = {}  # minutes on translated processors
    return dict(examine(_CHECKS, machine))
