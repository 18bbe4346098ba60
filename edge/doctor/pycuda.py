"""pycuda, by which engines are fed."""

from __future__ import annotations

from edge.doctor.finding import Finding, as_sentence, not_applicable, ok
from edge.doctor.machine import Machine
from edge.errors import EdgeError

_BUILD = (
    "Build it against this CUDA: PATH=/usr/local/cuda/bin:$PATH pip install --no-cache-dir --force-reinstall pycuda."
)


class PycudaCheck:
    """It can be imported and opens the GPU."""

    name = "pycuda"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Import it in a child process, then open the GPU here, where the driver works."""
        from edge.infer.cuda import gpu

        reason = machine.no_gpu_wanted
        if reason:
            return not_applicable(reason)
        fault = machine.gpu_import_faults.get("pycuda.driver")
        if fault:
            return Finding(machine.gpu_fault, f"pycuda.driver: {fault.reason}", _BUILD)
        if not machine.driver.works:
            return ok("it can be imported; the driver does not work, so nothing more was tried")
        try:
            device = gpu()
        except EdgeError as error:
            return Finding(machine.gpu_fault, "it does not open the GPU", as_sentence(str(error)))
        return ok(f"it opens {device.name} (SM {device.sm})")
