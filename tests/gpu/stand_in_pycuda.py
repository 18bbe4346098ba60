"""pycuda.driver over a Machine: only the names that the real one has, and as strict about contexts and memory."""

from __future__ import annotations

from functools import partial
from math import prod
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.gpu.machine import (
    CudaError,
    CudaLaunchError,
    CudaLogicError,
    CudaMemoryError,
    Machine,
    WorkQueue,
    queries_until_done,
)

_INTEGRATED = 18
_DEVICEMAP = 2


class Context:
    """The primary context: pushed and popped, never made."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def push(self) -> None:
        """Make it this thread's."""
        self._machine.contexts().append(self)

    def pop(self) -> None:
        """Take the top one off."""
        if not self._machine.contexts():
            raise CudaLogicError("context::pop failed: invalid device context - cannot pop non-current context")
        self._machine.contexts().pop()


class Device:
    """Device 0."""

    def __init__(self, machine: Machine, facts: tuple[str, tuple[int, int]], ordinal: int) -> None:
        if ordinal:
            raise CudaLogicError("cuDeviceGet failed: invalid device ordinal")
        self._machine = machine
        self._name, self._capability = facts

    def name(self) -> str:
        """Like "Orin"."""
        return self._name

    def compute_capability(self) -> tuple[int, int]:
        """Major, minor."""
        return self._capability

    def get_attribute(self, attribute: int) -> int:
        """Only what is asked."""
        return {_INTEGRATED: int(self._machine.integrated)}[attribute]

    def retain_primary_context(self) -> Context:
        """One more user of the primary context."""
        self._machine.live["context"] += 1
        return Context(self._machine)


class Stream(WorkQueue):
    """Work in order, later."""

    def __init__(self, machine: Machine, flags: int = 0) -> None:
        machine.check("cuStreamCreate")
        super().__init__(machine)
        if flags != 1:
            machine.mistakes.append("a stream that waits for the default one")
        machine.take("stream")
        self.handle = 0x5500_0000_0000 + id(self)
        machine.streams[self.handle] = self

    def __del__(self) -> None:
        if hasattr(self, "handle") and self._machine.allowed("a stream"):
            self._machine.streams.pop(self.handle, None)
            self._machine.give("stream")


class Event:
    """A mark on a stream."""

    def __init__(self, machine: Machine, flags: int = 0) -> None:
        machine.check("cuEventCreate")
        machine.take("event")
        self._machine = machine
        self._stream: Stream | None = None
        self._mark = 0
        self._queries = 0
        self._made = True

    def record(self, stream: Stream) -> Event:
        """Mark what was put on `stream` so far."""
        self._machine.check("cuEventRecord")
        self._stream, self._mark, self._queries = stream, stream.issued, queries_until_done()
        return self

    def query(self) -> bool:
        """Whether the GPU is past the mark; nothing appears in host memory before."""
        with self._machine.lock:
            self._machine.check("cuEventQuery")
            if self._stream is None or self._stream.done >= self._mark:
                return True
            self._queries -= 1
            if self._queries >= 0 or self._machine.hung:
                return False
            self._machine.work(self._stream, self._mark)
            self._machine.check("cuEventQuery")
            return True

    def __del__(self) -> None:
        if hasattr(self, "_made") and self._machine.allowed("an event"):
            self._machine.give("event")


class DeviceAllocation:
    """The GPU's own memory."""

    def __init__(self, machine: Machine, size: int) -> None:
        machine.check("cuMemAlloc")
        if size <= 0:
            raise CudaLogicError("cuMemAlloc failed: invalid argument")
        machine.take("device memory")
        self._machine = machine
        self.size = size
        self._address = machine.map(np.full(size, 0xFF, np.uint8))

    def __int__(self) -> int:
        return self._address

    def free(self) -> None:
        """Once."""
        if not self._address:
            raise CudaLogicError("device_allocation::free failed: invalid resource handle")
        self._machine.check_current("cuMemFree")
        self._machine.give("device memory")
        self._machine.unmap(self._address)
        self._address = 0

    def __del__(self) -> None:
        if getattr(self, "_address", 0) and self._machine.allowed("device memory"):
            self.free()


class HostAllocation:
    """Page-locked memory; mapped, it has an address on the GPU's side too."""

    def __init__(self, machine: Machine, memory: np.ndarray, flags: int, dtype: np.dtype, shape: Any) -> None:
        machine.take("page-locked memory")
        self._interface = memory.view(dtype).reshape(shape).__array_interface__
        self._machine = machine
        self._memory: np.ndarray | None = memory
        self._address = machine.map(memory) if flags & _DEVICEMAP else 0

    @property
    def __array_interface__(self) -> dict[str, Any]:
        return self._interface

    def get_device_pointer(self) -> int:
        """The GPU's address of mapped memory."""
        if not self._address:
            raise CudaLogicError("cuMemHostGetDevicePointer failed: invalid argument")
        return self._address

    def free(self) -> None:
        """Once; whoever still looks sees rubbish."""
        if self._memory is None:
            raise CudaLogicError("pagelocked_host_allocation::free failed: invalid resource handle")
        self._machine.check_current("cuMemFreeHost")
        self._machine.give("page-locked memory")
        if self._address:
            self._machine.unmap(self._address)
        self._memory[:] = 0xFF
        self._memory = None

    def __del__(self) -> None:
        if getattr(self, "_memory", None) is not None and self._machine.allowed("page-locked memory"):
            self.free()


def _pagelocked_empty(machine: Machine, shape: Any, dtype: Any, order: str = "C", mem_flags: int = 0) -> Any:
    machine.check("cuMemHostAlloc")
    size = prod(shape) if isinstance(shape, tuple) else int(shape)
    assert order == "C"
    memory = np.full(size * np.dtype(dtype).itemsize, 0xFF, np.uint8)
    # numpy keeps what it is made from as the array's base: so does pycuda, in C.
    return np.asarray(HostAllocation(machine, memory, int(mem_flags), np.dtype(dtype), shape))


def _bytes(array: np.ndarray) -> np.ndarray:
    source = array
    while isinstance(source, np.ndarray):
        source = source.base
    if not isinstance(source, HostAllocation):
        raise TypeError("an asynchronous copy of memory that is not page-locked")
    if not array.flags.c_contiguous:
        raise ValueError("ndarray is not C-contiguous")
    return array.reshape(-1).view(np.uint8)


def _copy(machine: Machine, device: DeviceAllocation, host: np.ndarray, stream: Stream, *, to_gpu: bool) -> None:
    machine.check("cuMemcpyAsync")
    flat, address = _bytes(host), int(device)

    def operation() -> None:
        there = machine.at(address, flat.nbytes)
        machine.copied_bytes += flat.nbytes
        if to_gpu:
            there[:] = flat
        else:
            flat[:] = there

    stream.put(operation)


def _memcpy_htod_async(machine: Machine, dest: Any, src: Any, stream: Any) -> None:
    _copy(machine, dest, src, stream, to_gpu=True)


def _memcpy_dtoh_async(machine: Machine, dest: Any, src: Any, stream: Any) -> None:
    _copy(machine, src, dest, stream, to_gpu=False)


def driver_module(machine: Machine, name: str, capability: tuple[int, int]) -> Any:
    """What `import pycuda.driver` gives on a board called `name`."""
    return SimpleNamespace(
        Error=CudaError,
        MemoryError=CudaMemoryError,
        LogicError=CudaLogicError,
        LaunchError=CudaLaunchError,
        init=lambda: None,
        Device=partial(Device, machine, (name, capability)),
        Context=Context,
        Stream=partial(Stream, machine),
        Event=partial(Event, machine),
        DeviceAllocation=DeviceAllocation,
        HostAllocation=HostAllocation,
        mem_alloc=partial(DeviceAllocation, machine),
        pagelocked_empty=partial(_pagelocked_empty, machine),
        memcpy_htod_async=partial(_memcpy_htod_async, machine),
        memcpy_dtoh_async=partial(_memcpy_dtoh_async, machine),
        device_attribute=SimpleNamespace(INTEGRATED=_INTEGRATED),
        event_flags=SimpleNamespace(DISABLE_TIMING=2),
        host_alloc_flags=SimpleNamespace(DEVICEMAP=_DEVICEMAP),
    )
