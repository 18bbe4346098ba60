"""OpenCV, and what it can open."""

from __future__ import annotations

from pathlib import Path

from edge.board.tree import Tree
from edge.config import masked
from edge.doctor.finding import Finding, not_applicable, ok
from edge.doctor.machine import Machine

_BACKENDS = {"GStreamer": "CAP_GSTREAMER", "FFmpeg": "CAP_FFMPEG", "V4L2": "CAP_V4L2"}
_WANTED = {"csi": "GStreamer", "url": "FFmpeg", "index": "V4L2", "device": "V4L2", "name": "V4L2"}

_PIPS_OUT = "Take pip's out of a venv that sees the system's packages: pip uninstall opencv-python."


class OpenCVCheck:
    """It has what the camera of the settings needs; for `csi:` that is GStreamer, which pip's has not."""

    name = "opencv"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Ask its registry of backends."""
        if "cv2" in machine.package_faults:
            return not_applicable("it cannot be imported")
        import cv2

        from edge.capture.opencv import has_backend
        from edge.capture.spec import parse_camera

        known = [name for name, constant in _BACKENDS.items() if has_backend(getattr(cv2, constant))]
        found = f"{cv2.__version__} with {', '.join(known) or 'no backend'} ({Path(cv2.__file__).parent})"
        spec = parse_camera(machine.settings.camera)
        needed = _WANTED.get(spec.kind)
        if needed is None or needed in known:
            return ok(found)
        found = f"{found}, and camera {masked(machine.settings.camera)} needs {needed}"
        there = any(Tree(machine.root).glob("usr/lib/python3*/dist-packages/cv2*"))
        remedy = _PIPS_OUT if there else f"Run apt install python3-opencv. {_PIPS_OUT}"
        return Finding(machine.device_fault, found, remedy)
