"""The face detector."""

from __future__ import annotations

from edge.doctor.finding import Finding, ok
from edge.doctor.machine import Machine


class DetectorCheck:
    """The one that the settings choose is there and looks at a picture."""

    name = "face detector"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Make it and use it once. Raises EdgeError."""
        import numpy as np

        from edge.features.face import make_detector

        video = machine.settings.video
        detector = make_detector(video.detector, video.yunet_model)
        detector.detect(np.zeros((video.height, video.width, 3), np.uint8))
        return ok(f"{type(detector).__name__} for {video.width} × {video.height}")
