"""The camera that the settings name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edge.doctor.closed import ClosedError
from edge.doctor.device_trial import try_camera
from edge.doctor.finding import Finding, Verdict, as_sentence, not_applicable, ok
from edge.doctor.machine import Machine
from edge.doctor.processes import node_holders
from edge.errors import BusyError, DeviceError, EdgeError

if TYPE_CHECKING:
    from edge.capture.spec import Spec
    from edge.doctor.camera_look import Seen

_FEW = 0.6
"""Of the pictures that were asked for: below that Frigate, too, calls a connection poor."""
_LEAST_FPS = 5.0
"""The same for an address, whose rate is the camera's own affair."""
_DARK = "Take off its cap, open its shutter, or make light"
_SLOW = "Make more light, plug it into a socket of its own, or ask for less by video.width, video.height and video.fps."


class CameraCheck:
    """It opens and delivers pictures: a child process counts them for 2.5 s. What a daemon uses is left to it."""

    name = "camera"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Look for it, then through it. Raises EdgeError."""
        from edge.capture.cameras import find_camera
        from edge.capture.spec import parse_camera

        spec = parse_camera(machine.settings.camera)
        if spec.kind == "none":
            return not_applicable("the setting camera is none")
        if spec.kind == "file":
            return _file(spec)
        path = None
        if spec.kind not in ("url", "csi"):
            try:
                path = Path(find_camera(spec)).resolve()
            except EdgeError as error:
                return Finding(machine.device_fault, f"camera {spec.label} is not there", str(error))
        closed = machine.devices_closed
        if closed:
            return not_applicable(f"{path or spec.label} was not opened: {closed}")
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
    """Who uses it already: then it is not opened."""
    if spec.kind == "csi" and machine.daemon:
        return not_applicable(f"{spec.label} was not opened: {machine.daemon.words} may be using it")
    holders = node_holders(path, machine.root / "proc") if path else []
    if any(holder.is_daemon for holder in holders):
        return ok(f"{path} is used by {next(holder for holder in holders if holder.is_daemon).words}")
    if holders:
        words = ", ".join(holder.words for holder in holders)
        return Finding(machine.device_fault, f"{path} is used by {words}", "End it, or name another camera.")
    return None


def _try(machine: Machine, spec: Spec, path: Path | None) -> Finding:
    machine.tell("opening the camera for 3 s …")
    try:
        seen = try_camera(machine.settings, machine.environ)
    except ClosedError as error:
        return not_applicable(f"{path or spec.label} was closed again: {error}")
    except BusyError as error:
        if machine.daemon:
            return ok(f"{path or spec.label} is in use, by {machine.daemon.words} as it seems")
        return Finding(machine.device_fault, f"camera {spec.label} is there and cannot be opened", str(error))
    except DeviceError as error:
        return Finding(machine.device_fault, f"camera {spec.label} delivers no pictures", as_sentence(str(error)))
    return _judge(machine, spec, path, seen)


def _judge(machine: Machine, spec: Spec, path: Path | None, seen: Seen) -> Finding:
    wanted = machine.settings.video.fps
    found = f"{_name(spec, path)}: {seen.width} × {seen.height}, {seen.fps:.1f} pictures a second"
    if seen.fault:
        return Finding(Verdict.WARNING, f"{found}, but {seen.fault}", f"{_DARK}; else plug it in anew.")
    if seen.fps < (_LEAST_FPS if spec.kind == "url" else _FEW * wanted):
        return Finding(Verdict.WARNING, f"{found} where {wanted} were asked for", _SLOW)
    return ok(found)


def _name(spec: Spec, path: Path | None) -> str:
    from edge.capture.cameras import list_cameras

    if path is None:
        return spec.label
    label = next((camera.label for camera in list_cameras() if camera.path == str(path)), "")
    return f"{path} {label}".strip()
