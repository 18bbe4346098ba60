"""The camera that the settings name."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from edge.config import masked
from edge.doctor.closed import ClosedError
from edge.doctor.device_trial import try_camera
from edge.doctor.finding import Finding, Verdict, as_sentence, not_applicable, ok
from edge.doctor.machine import Machine
from edge.doctor.processes import Process, node_holders
from edge.errors import BusyError, DeviceError, EdgeError

if TYPE_CHECKING:
    from edge.capture.spec import Spec
    from edge.doctor.camera_look import Seen

_FEW = 0.6
"""Of the pictures that were asked for: below that Frigate, too, calls a connection poor."""
_LEAST_FPS = 5.0
"""The same for an address, whose rate is the camera's own affair."""
_NUMBER = re.compile(r"(?:/dev/video)?[0-9]+")
_BAD_PICTURE = "Take off its cap, open its shutter, or make light; a picture that stands still: plug it in anew."
_SLOW = "Make more light, plug it into a socket of its own, or ask for less by video.width, video.height and video.fps."


class CameraCheck:
    """It opens and delivers pictures: a child process counts them for 2.5 s. What a daemon uses is left to it."""

    name = "camera"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Look for it, then through it. Raises EdgeError."""
        from edge.capture.cameras import find_camera, list_cameras
        from edge.capture.spec import parse_camera

        spec = parse_camera(machine.settings.camera)
        if spec.kind == "none":
            return not_applicable("the setting camera is none")
        if spec.kind == "file":
            return _file(spec)
        closed = machine.devices_closed
        if closed:
            return not_applicable(f"{masked(machine.settings.camera)} was not opened: {closed}")
        try:
            path = None if spec.kind in ("url", "csi") else Path(find_camera(spec)).resolve()
        except DeviceError:
            present = ", ".join(camera.name for camera in list_cameras()) or "none"
            found = f"camera {spec.label} is not there (present: {present})"
            return Finding(machine.device_fault, found, "Plug it in, or name another one, a video file, or none.")
        return _used(machine, spec, path) or _try(machine, spec, path)


def _file(spec: Spec) -> Finding:
    from edge.capture.media import probe

    try:
        found = probe(spec.value)
    except EdgeError as error:
        return Finding(Verdict.FAILED, f"the file {spec.label} cannot be played", str(error))
    if not found.has_video:
        remedy = "Give a video file, or camera = none."
        return Finding(Verdict.FAILED, f"the file {spec.label} holds no picture", remedy)
    return ok(f"the file {spec.label}: {found.width} × {found.height}, {found.fps:.3g} pictures a second")


def _used(machine: Machine, spec: Spec, path: Path | None) -> Finding | None:
    """Whether the daemon uses it already: then it is not opened."""
    if spec.kind == "csi" and machine.daemon:
        return not_applicable(f"csi:{spec.value} was not opened: {machine.daemon.words} may be using it")
    daemon = next((holder for holder in _holders(machine, path) if holder.is_daemon), None)
    return ok(f"{path} is used by {daemon.words}") if daemon else None


def _holders(machine: Machine, path: Path | None) -> list[Process]:
    return node_holders(path, machine.root / "proc") if path else []


def _try(machine: Machine, spec: Spec, path: Path | None) -> Finding:
    name = str(path or masked(machine.settings.camera))
    machine.tell("opening the camera for 3 s …")
    try:
        seen = try_camera(machine.settings, machine.environ)
    except ClosedError as error:
        return not_applicable(f"{name} was closed again: {error}")
    except BusyError as error:
        return _busy(machine, name, _holders(machine, path), error)
    except DeviceError as error:
        return Finding(machine.device_fault, f"camera {name} delivers no pictures", as_sentence(str(error)))
    return _judge(machine, spec, path, seen)


def _busy(machine: Machine, name: str, holders: list[Process], error: BusyError) -> Finding:
    """Some programs have cameras open all the time and let others use them: who is named may not be to blame."""
    if machine.daemon and os.geteuid() != 0:  # root would have seen it among the holders
        return ok(f"{name} is in use, by {machine.daemon.words} as it seems")
    if holders:
        words = ", ".join(holder.words for holder in holders)
        return Finding(machine.device_fault, f"{name} is in use, by {words}", "End it, or name another camera.")
    return Finding(machine.device_fault, f"camera {name} is there and cannot be opened", str(error))


def _judge(machine: Machine, spec: Spec, path: Path | None, seen: Seen) -> Finding:
    from edge.capture.cameras import list_cameras

    wanted, least = machine.settings.video.fps, _LEAST_FPS if spec.kind == "url" else _FEW * machine.settings.video.fps
    cameras = list_cameras() if path else []
    ours = next((camera for camera in cameras if camera.path == str(path)), None)
    name = f"{path} {ours.label}" if ours else str(path or masked(machine.settings.camera))
    found = f"{name}: {seen.width} × {seen.height}, {seen.fps:.1f} pictures a second"
    if seen.fault:
        return Finding(Verdict.WARNING, f"{found}, but {seen.fault}", _BAD_PICTURE)
    if seen.fps < least:
        return Finding(Verdict.WARNING, f"{found} where {wanted} were asked for", _SLOW)
    if ours and len(cameras) > 1 and _NUMBER.fullmatch(spec.value):
        remedy = f'Numbers change with what is plugged in; write camera = "{ours.name}".'
        return Finding(Verdict.WARNING, f"{found}; {spec.value} may be another one tomorrow", remedy)
    return ok(found)
