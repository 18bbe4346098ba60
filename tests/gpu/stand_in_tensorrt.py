"""tensorrt over a Machine: only the names that the real one has; the network is run by ONNX Runtime when the stream is.

Its plans hold the ONNX file that they stand for.
"""

from __future__ import annotations

import enum
import json
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime

from tests.gpu.machine import CudaLaunchError, Machine

_MAGIC = b"stand-in plan\n"
_SCRATCH_BYTES = 4096
Profile = dict[str, tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]


class Severity(enum.IntEnum):
    """ILogger.Severity."""

    INTERNAL_ERROR = 0
    ERROR = 1
    WARNING = 2
    INFO = 3
    VERBOSE = 4


class TensorIOMode(enum.Enum):
    """What a tensor is."""

    NONE = 0
    INPUT = 1
    OUTPUT = 2


class ExecutionContextAllocationStrategy(enum.Enum):
    """Who gives an execution context its memory."""

    STATIC = 0
    ON_PROFILE_CHANGE = 1
    USER_MANAGED = 2


class DataType(enum.Enum):
    """Of the student's tensors: float only."""

    FLOAT = 0


class ILogger:
    """To be derived from."""

    Severity = Severity

    def __init__(self) -> None:
        self._made = True

    def log(self, severity: Severity, msg: str) -> None:
        """To be overridden, as pybind11 asks of the real one."""
        raise RuntimeError('Tried to call pure virtual function "nvinfer1::ILogger::log"')


def plan_data(onnx: bytes, profile: Profile, *, version: str, prefix: str = "") -> bytes:
    """A plan of the file `onnx`; the engine's tensors are called `prefix` + name."""
    header = {"profile": profile, "version": version, "prefix": prefix}
    return _MAGIC + json.dumps(header).encode() + b"\n" + onnx


@cache
def _session(onnx: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])


class Runtime:
    """Deserialises."""

    def __init__(self, machine: Machine, version: str, logger: ILogger) -> None:
        machine.check("createInferRuntime")
        if not isinstance(logger, ILogger) or not hasattr(logger, "_made"):
            raise TypeError("Runtime(): the logger's __init__ was not called")
        self.engine_host_code_allowed = False
        self._machine, self._version, self._logger = machine, version, logger
        machine.live["runtime"] += 1

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> Any:
        """None, and an error in the log, where the plan is another version's or the memory is short."""
        self._machine.check("deserialize_cuda_engine")
        if self.engine_host_code_allowed:
            self._machine.mistakes.append("host code was allowed")
        magic, _, rest = serialized_engine.partition(b"\n")
        if magic + b"\n" != _MAGIC:
            self._complain("IRuntime::deserializeCudaEngine: magicTag mismatch")
            return None
        header, _, onnx = rest.partition(b"\n")
        facts = json.loads(header)
        if facts["version"] != self._version:
            self._complain(f"plan of version {facts['version']}, expecting {self._version}")
            return None
        try:
            self._machine.take("engine")
        except Exception as error:
            self._complain(f"Error Code 2: OutOfMemory ({error})")
            return None
        return ICudaEngine(self._machine, self, onnx, facts)

    def _complain(self, text: str) -> None:
        self._logger.log(Severity.ERROR, text)

    def __del__(self) -> None:
        if hasattr(self, "_logger") and self._machine.allowed("a runtime"):
            self._machine.give("runtime")


class ICudaEngine:
    """A network with one profile."""

    device_memory_size_v2 = _SCRATCH_BYTES

    def __init__(self, machine: Machine, runtime: Runtime, onnx: bytes, facts: dict[str, Any]) -> None:
        self._machine, self._runtime = machine, runtime
        self.session = _session(onnx)
        self.prefix = facts["prefix"]
        self._profile = {self.prefix + name: shapes for name, shapes in facts["profile"].items()}
        self.entries = {self.prefix + entry.name: entry for entry in self.session.get_inputs()}
        self._inputs = set(self.entries)
        self.entries |= {self.prefix + entry.name: entry for entry in self.session.get_outputs()}
        self._made = True

    @property
    def num_io_tensors(self) -> int:
        """Inputs and outputs."""
        return len(self.entries)

    def get_tensor_name(self, index: int) -> str:
        """By index."""
        return list(self.entries)[index]

    def get_tensor_mode(self, name: str) -> TensorIOMode:
        """NONE for an unknown name, as the real one."""
        if name not in self.entries:
            return TensorIOMode.NONE
        return TensorIOMode.INPUT if name in self._inputs else TensorIOMode.OUTPUT

    def get_tensor_dtype(self, name: str) -> DataType:
        """Float."""
        assert self.entries[name].type == "tensor(float)"
        return DataType.FLOAT

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        """-1 where a size is free."""
        return tuple(size if isinstance(size, int) else -1 for size in self.entries[name].shape)

    def get_tensor_profile_shape(self, name: str, profile_index: int) -> list[tuple[int, ...]]:
        """Least, usual, largest."""
        assert profile_index == 0
        return [tuple(shape) for shape in self._profile[name]]

    def create_execution_context(self, strategy: Any = ExecutionContextAllocationStrategy.STATIC) -> Any:
        """None, and no exception, where the memory is short."""
        self._machine.check("create_execution_context")
        try:
            self._machine.take("execution context")
        except Exception:
            return None
        return IExecutionContext(self._machine, self, strategy)

    def __del__(self) -> None:
        if hasattr(self, "_made") and self._machine.allowed("an engine"):
            self._machine.give("engine")


class IExecutionContext:
    """One run at a time, in shapes that are set before."""

    def __init__(self, machine: Machine, engine: ICudaEngine, strategy: Any) -> None:
        self._machine, self._engine = machine, engine
        self._managed = strategy == ExecutionContextAllocationStrategy.USER_MANAGED
        self._scratch: tuple[int, int] | None = None if self._managed else (0, _SCRATCH_BYTES)
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._addresses: dict[str, int] = {}
        self.generation = 0
        self._settled = -1

    def set_device_memory(self, memory: int, size: int) -> None:
        """Scratch memory."""
        if memory % 256 or size < _SCRATCH_BYTES or not self._managed:
            self._machine.mistakes.append(f"scratch memory of {size} bytes at {memory:#x}")
        self._scratch = (memory, size)
        self.generation += 1

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        """False outside the profile."""
        least, _, largest = self._engine.get_tensor_profile_shape(name, 0)
        if not isinstance(shape, tuple):
            raise TypeError("set_input_shape(): incompatible function arguments")
        if len(shape) != len(least) or any(
            not low <= size <= high for low, size, high in zip(least, shape, largest, strict=True)
        ):
            return False
        if self._shapes.get(name) != shape:
            self._shapes[name] = shape
            self.generation += 1
        return True

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        """Known once all inputs' shapes are."""
        if name in self._shapes:
            return self._shapes[name]
        declared = self._engine.get_tensor_shape(name)
        if set(self._shapes) != self._inputs():
            return declared
        (rows,) = {shape[0] for shape in self._shapes.values()}
        return (rows, *declared[1:])

    def set_tensor_address(self, name: str, memory: int) -> bool:
        """False for an unknown name."""
        if name not in self._engine.entries or not memory:
            return False
        self._addresses[name] = memory
        self.generation += 1
        return True

    def execute_async_v3(self, stream_handle: int) -> bool:
        """False, and no exception, when it cannot be put on the stream."""
        self._machine.check("execute_async_v3")
        if self._machine.launches_to_refuse:
            self._machine.launches_to_refuse -= 1
            return False
        stream = self._machine.streams[stream_handle]
        if set(self._shapes) != self._inputs() or set(self._addresses) != set(self._engine.entries):
            self._machine.mistakes.append("execute_async_v3 before all shapes and addresses were set")
            return False
        if self._scratch is None:
            self._machine.mistakes.append("execute_async_v3 without scratch memory")
            return False
        if stream.captured is not None:
            if self._settled != self.generation:
                stream.capture_broken = "operation not permitted when stream is capturing"
            stream.captured_contexts.append((self, self.generation))
        self._settled = self.generation
        stream.put(partial(self._compute, dict(self._shapes), dict(self._addresses), self._scratch))
        return True

    def _inputs(self) -> set[str]:
        return {name for name in self._engine.entries if self._engine.get_tensor_mode(name) == TensorIOMode.INPUT}

    def _compute(self, shapes: Any, addresses: dict[str, int], scratch: tuple[int, int]) -> None:
        machine = self._machine
        machine.launched["network"] += 1
        if machine.launches_to_fail:
            machine.launches_to_fail -= 1
            raise CudaLaunchError("unspecified launch failure")
        if scratch[0]:
            machine.at(*scratch)[:] = 0xFF
        prefix = len(self._engine.prefix)
        feeds = {}
        for name, shape in shapes.items():
            there = machine.at(addresses[name], int(np.prod(shape)) * 4)
            feeds[name[prefix:]] = there.view(np.float32).reshape(shape)
        names = [name for name in addresses if name not in shapes]
        for name, value in zip(names, self._engine.session.run([name[prefix:] for name in names], feeds), strict=True):
            result = np.full_like(value, np.nan) if machine.nan else np.ascontiguousarray(value)
            machine.at(addresses[name], result.nbytes)[:] = result.reshape(-1).view(np.uint8)

    def __del__(self) -> None:
        if hasattr(self, "_settled") and self._machine.allowed("an execution context"):
            self._machine.give("execution context")


def nptype(trt_type: DataType) -> Any:
    """numpy's type."""
    return {DataType.FLOAT: np.float32}[trt_type]


def tensorrt_module(machine: Machine, version: str) -> Any:
    """What `import tensorrt` gives in `version`."""
    return SimpleNamespace(
        __name__=f"tensorrt over {id(machine)}",
        __version__=version,
        NetworkDefinitionCreationFlag=SimpleNamespace(STRONGLY_TYPED=1),
        ILogger=ILogger,
        Runtime=partial(Runtime, machine, version),
        ICudaEngine=ICudaEngine,
        IExecutionContext=IExecutionContext,
        TensorIOMode=TensorIOMode,
        DataType=DataType,
        ExecutionContextAllocationStrategy=ExecutionContextAllocationStrategy,
        nptype=nptype,
    )
