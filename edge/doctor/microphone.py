"""The microphone that the settings name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from edge.board.device_nodes import device_nodes, own_groups
from edge.board.tree import Tree
from edge.doctor.closed import ClosedError
from edge.doctor.finding import Finding, Verdict, as_sentence, not_applicable, ok
from edge.doctor.machine import Machine
from edge.doctor.processes import recorders
from edge.errors import BusyError, EdgeError

if TYPE_CHECKING:
    from edge.capture.spec import Spec

_NODES = ("dev/snd/controlC*", "dev/snd/pcmC*c")
_UNMUTE = "Unmute it (alsamixer, or its own switch), or name another one; edge-emotion devices lists them."


class MicrophoneCheck:
    """It opens and is not silent: 2.5 s are recorded, in a child process. What a daemon uses is left to it."""

    name = "microphone"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Listen. Raises EdgeError."""
        from edge.capture.spec import parse_microphone

        spec = parse_microphone(machine.settings.mic)
        if spec.kind == "none":
            return not_applicable("the setting mic is none")
        if spec.kind == "file":
            return _file(spec)
        closed = machine.devices_closed
        if closed:
            return not_applicable(f"{spec.label} was not opened: {closed}")
        if machine.recording_daemon:
            return ok(f"a sound card is used by {machine.recording_daemon.words}")
        return _listen(machine, spec)


def _file(spec: Spec) -> Finding:
    from edge.capture.media import probe

    try:
        found = probe(spec.value)
    except EdgeError as error:
        return Finding(Verdict.FAILED, f"the file {spec.label} cannot be played", str(error))
    if not found.has_audio:
        return Finding(Verdict.WARNING, f"the file {spec.label} holds no sound", "Give a sound file, or mic = none.")
    return ok(f"the file {spec.label}: {found.rate_hz / 1000:g} kHz")


def _listen(machine: Machine, spec: Spec) -> Finding:
    heard = machine.heard
    if isinstance(heard, ClosedError):
        return not_applicable(f"{spec.label} was closed again: {heard}")
    if isinstance(heard, EdgeError):
        return _missing(machine, spec, heard)
    if heard.fault:
        return Finding(Verdict.WARNING, f"{heard.name}: {heard.fault}", _UNMUTE)
    found = f"{heard.name}: sound of {heard.level_dbfs:.0f} dBFS"
    if spec.kind == "index":
        remedy = f'Numbers change with what is plugged in; write mic = "{heard.name}".'
        return Finding(Verdict.WARNING, f"{found}; {spec.label} may be another one tomorrow", remedy)
    return ok(found)


def _missing(machine: Machine, spec: Spec, error: EdgeError) -> Finding:
    holders = recorders(machine.root / "proc")
    if holders:  # PortAudio does not even list a card that somebody records from
        words = ", ".join(holder.words for holder in holders)
        remedy = "End it, or name another microphone."
        return Finding(machine.device_fault, f"microphone {spec.label} cannot be had while {words} records", remedy)
    if isinstance(error, BusyError) and machine.daemon:
        return ok(f"{spec.label} is in use, by {machine.daemon.words} as it seems")
    uid, gids = os.geteuid(), own_groups()
    barred = [node for node in device_nodes(Tree(machine.root), _NODES) if not node.is_usable(uid, gids)]
    if barred:  # and what it may not open either
        nodes = ", ".join(node.words for node in barred[:2])
        remedy = "Run sudo usermod -aG audio $USER and log in again; a service needs SupplementaryGroups=audio."
        return Finding(
            machine.device_fault, f"microphone {spec.label} cannot be had: this user may not use {nodes}", remedy
        )
    return Finding(machine.device_fault, f"microphone {spec.label} cannot be had", as_sentence(str(error)))
