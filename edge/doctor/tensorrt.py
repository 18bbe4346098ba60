"""TensorRT's Python module."""

from __future__ import annotations

from edge.doctor.finding import Finding, as_sentence, not_applicable, ok
from edge.doctor.machine import Machine
from edge.errors import EdgeError


class TensorRTCheck:
    """It can be imported, and builds strongly typed networks: a question to the module, not to its version."""

    name = "tensorrt"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Import it in a child process, then here."""
        from edge.infer.cuda import tensorrt_module

        reason = machine.no_gpu_wanted
        if reason:
            return not_applicable(reason)
        fault = machine.gpu_import_faults.get("tensorrt")
        if fault and fault.is_deadly:
            return Finding(machine.gpu_fault, f"tensorrt: {fault.reason}", "Install TensorRT again, for this CUDA.")
        try:
            module = tensorrt_module()
        except EdgeError as error:
            found, _, remedy = str(error).partition(": ")
            packaged = f"; Debian's packages have {machine.board.tensorrt}" if machine.board.tensorrt else ""
            return Finding(machine.gpu_fault, found + packaged, as_sentence(remedy))
        version = getattr(module, "__version__", "of an unknown version")
        return ok(f"{version} ({module.__file__})")
