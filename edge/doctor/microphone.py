"""The microphone that the settings name."""

from __future__ import annotations

from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.machine import Machine
from edge.errors import EdgeError


class MicrophoneCheck:
    """It is there; it is not opened."""

    name = "microphone"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Look for it among PortAudio's inputs."""
        from edge.capture.microphones import find_microphone, list_microphones
        from edge.capture.spec import parse_microphone

        spec = parse_microphone(machine.settings.mic)
        if spec.kind == "none":
            return not_applicable("the setting mic is none")
        if spec.kind == "file":
            return not_applicable(f"the file {spec.label} is read when the daemon starts")
        try:
            device = find_microphone(spec, list_microphones())
        except EdgeError as error:
            missing = Verdict.FAILED if machine.settings.require_devices else Verdict.WARNING
            return Finding(missing, f"microphone {spec.label} is not there", str(error))
        return ok(f"{device.name} ({device.label})")
