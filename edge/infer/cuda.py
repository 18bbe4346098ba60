"""TensorRT's and CUDA's Python modules, each optional: the only place that imports them."""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING, Any, Protocol

from edge.infer.engine import Engine, EngineError
from edge.infer.gpu import Gpu, cuda_error
from edge.infer.libcuda import libcuda
from edge.infer.plan_key import PlanTarget
from edge.infer.trt_engine import TrtEngine

if TYPE_CHECKING:
    from edge.infer.plan_store import Plan

_MODULES = {"tensorrt": "tensorrt", "rtx": "tensorrt_rtx"}
_MEND = {
    "tensorrt": "on a Jetson install apt's python3-libnvinfer and make the venv with the system's Python and "
    "--system-site-packages, elsewhere `pip install tensorrt`",
    "tensorrt_rtx": "`pip install tensorrt-rtx`",
    "pycuda": "put nvcc on PATH (export PATH=/usr/local/cuda/bin:$PATH) and `pip install pycuda`",
}
_OPENING = threading.Lock()
_gpus: list[Gpu] = []


class GpuBackend(Protocol):
    """Where plans run."""

    def target(self) -> PlanTarget:
        """What a plan must have been built for. Raises EngineError."""
        ...

    def open(self, plan: Plan) -> Engine:
        """An engine of `plan`, not yet active. Raises EngineError."""
        ...


def tensorrt_module(backend: str = "tensorrt") -> Any:
    """The module of `backend` ("tensorrt" or "rtx"). Raises EngineError that says how to get it, or a newer one."""
    trt = _imported(_MODULES[backend])
    if not hasattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED"):
        raise EngineError(
            f"TensorRT {trt.__version__} knows no strongly typed networks: upgrade to 10.3 or newer, on a Jetson to "
            "JetPack 6.1"
        )
    return trt


def gpu() -> Gpu:
    """This process's GPU, opened once. Raises EngineError when there is none, or no pycuda, with how to mend it."""
    with _OPENING:
        if not _gpus:
            library = libcuda()
            driver = _imported("pycuda.driver")
            try:
                _gpus.append(Gpu(driver, library))
            except Exception as error:  # pycuda's own types
                raise cuda_error("opening the GPU", error) from error
        return _gpus[0]


class CudaBackend:
    """TensorRT through pycuda on the first GPU. `l4t`: the board's L4T release ("36.4.3"), empty elsewhere."""

    def __init__(self, l4t: str = "", *, backend: str = "tensorrt", cuda_graph: bool = True) -> None:
        self._l4t = l4t
        self._backend = backend
        self._cuda_graph = cuda_graph

    def target(self) -> PlanTarget:
        """This TensorRT on this GPU. Raises EngineError where either is missing."""
        device = gpu()  # first: without one nobody needs TensorRT's 500 MB in memory
        version = str(tensorrt_module(self._backend).__version__)
        return PlanTarget(backend=self._backend, version=version, sm=device.sm, device=device.name, l4t=self._l4t)

    def open(self, plan: Plan) -> Engine:
        """An engine of `plan`, not yet active. Raises EngineError where TensorRT or the GPU is missing."""
        return TrtEngine(plan, tensorrt_module(self._backend), gpu(), cuda_graph=self._cuda_graph)


def _imported(name: str) -> Any:
    package = name.partition(".")[0]
    try:
        return importlib.import_module(name)
    except Exception as error:  # a broken package raises anything
        if isinstance(error, ModuleNotFoundError) and error.name == package:
            raise EngineError(f"{package} is not installed: {_MEND[package]}") from error
        text = str(error).strip().split("\n", 1)[0] or type(error).__name__
        raise EngineError(f"{package} is here but cannot be imported ({text}): {_MEND[package]}") from error
