"""OpenCV, and what it can open."""

from __future__ import annotations

from edge.doctor.finding import Finding, not_applicable, ok
from edge.doctor.machine import Machine

_BACKENDS = {"GStreamer": "CAP_GSTREAMER", "FFmpeg": "CAP_FFMPEG", "V4L2": "CAP_V4L2"}
_PLAIN = (
    "Use the system's: apt install python3-opencv, a venv made with --system-site-packages, and in it "
    "pip uninstall opencv-python."
)


class OpenCVCheck:
    """It has what the camera of the settings needs; for `csi:` that is GStreamer, which pip's has not."""

    name = "opencv"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Ask its registry of backends."""
        if "cv2" in machine.package_faults:
            return not_applicable("it cannot be imported")
        import cv2

        from edge.capture.spec import parse_camera

        known = [name for name, constant in _BACKENDS.items() if _has(cv2, constant)]
        found = f"{cv2.__version__} with {', '.join(known) or 'no backend'} ({cv2.__file__})"
        wanted = {"csi": "GStreamer", "url": "FFmpeg", "index": "V4L2", "device": "V4L2", "name": "V4L2"}
        spec = parse_camera(machine.settings.camera)
        needed = wanted.get(spec.kind)
        if needed is None or needed in known:
            return ok(found)
        return Finding(machine.device_fault, f"{found}: camera {spec.label} needs {needed}", _PLAIN)


def _has(cv2: object, constant: str) -> bool:
    number = getattr(cv2, constant, None)
    registry = getattr(cv2, "videoio_registry", None)
    return number is not None and registry is not None and bool(registry.hasBackend(number))
