"""The camera that the settings name."""

from __future__ import annotations

from pathlib import Path

from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.machine import Machine
from edge.errors import EdgeError


class CameraCheck:
    """It is there; it is not opened, which would take it from a daemon that runs."""

    name = "camera"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Look for it among the device nodes."""
        from edge.capture.cameras import find_camera, list_cameras
        from edge.capture.spec import parse_camera

        spec = parse_camera(machine.settings.camera)
        if spec.kind == "none":
            return not_applicable("the setting camera is none")
        if spec.kind in {"url", "csi"}:
            return not_applicable(f"{spec.kind} {spec.label} is not opened here")
        if spec.kind == "file":
            return not_applicable(f"the file {spec.label} is read when the daemon starts")
        try:
            path = find_camera(spec)
        except EdgeError as error:
            missing = Verdict.FAILED if machine.settings.require_devices else Verdict.WARNING
            return Finding(missing, f"camera {spec.label} is not there", str(error))
        label = next((camera.label for camera in list_cameras() if camera.path == str(Path(path).resolve())), "")
        return ok(f"{path} {label}".strip())
