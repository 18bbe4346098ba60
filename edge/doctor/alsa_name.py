"""Whether a service, which has no session and so no sound server of its own, could use this microphone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from edge.board.tree import Tree
from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.machine import Machine
from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.doctor.microphone_listen import Heard

_SESSION = ("XDG_RUNTIME_DIR", "PULSE_SERVER", "PULSE_RUNTIME_PATH")
_CARD = re.compile(r"(?:plug)?hw:", re.IGNORECASE)


class AlsaNameCheck:
    """The microphone is a card of ALSA's, and not lent by PulseAudio or PipeWire of whoever is logged in."""

    name = "alsa name"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Look what stood behind it while it was open."""
        from edge.capture.spec import parse_microphone

        spec = parse_microphone(machine.settings.mic)
        if spec.kind in ("none", "file"):
            return not_applicable(f"the setting mic is {'none' if spec.kind == 'none' else 'a file'}")
        if _CARD.match(spec.value):
            return ok(f"{spec.label} is a card of ALSA's")
        if machine.recording_daemon:
            return ok(f"{machine.recording_daemon.words} has a sound card itself")
        if machine.devices_closed or isinstance(machine.heard, EdgeError):
            return not_applicable("known when the microphone can be opened")
        return _judge(machine, spec.label, machine.heard)


def capture_cards(tree: Tree) -> list[str]:
    """What can record, as ALSA names it: by the card's id, which stays where numbers move."""
    found = []
    for path in tree.glob("proc/asound/card*/pcm*c"):
        device = Path(path)
        card = tree.text(device.parent / "id")
        if card:
            found.append(f"plughw:CARD={card},DEV={device.name.removeprefix('pcm').removesuffix('c')}")
    return found


def _judge(machine: Machine, label: str, heard: Heard) -> Finding:
    if heard.direct:
        return ok(f"{label} leads to a card of ALSA's ({heard.name})")
    if not any(machine.environ.get(name) for name in _SESSION):
        return ok(f"{label} comes from a sound server that needs no session")
    cards = capture_cards(Tree(machine.root))
    named = f'mic = "{cards[0]}"' if cards else 'mic = "plughw:CARD=…", as arecord -L lists them'
    found = f"{label} comes from the sound server of this session, which a service cannot use"
    return Finding(Verdict.WARNING, found, f"For the service, name the card itself: {named}.")
