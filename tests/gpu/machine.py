"""A GPU made of host memory: two memories, work that is done later, contexts per thread, and every fault on demand.

It is stricter than the real one: what a GPU would answer with rubbish, or now and then, fails here each time.
"""

from __future__ import annotations

import threading
import weakref
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

import numpy as np

_FIRST_ADDRESS = 0x7F00_0000_0000  # beyond 32 bits, like the real ones
_QUERIES_UNTIL_DONE = 2

Operation = Callable[[], None]


class CudaError(Exception):
    """pycuda.driver.Error."""


class CudaMemoryError(CudaError):
    """pycuda.driver.MemoryError: no builtin MemoryError, as in the real one."""


class CudaLogicError(CudaError):
    """pycuda.driver.LogicError."""


class CudaLaunchError(CudaError):
    """pycuda.driver.LaunchError."""


class Machine:
    """The state of one stand-in GPU. `live` counts what was taken and not given back; `mistakes` are sentences."""

    def __init__(self, *, integrated: bool) -> None:
        self.integrated = integrated
        self.live: Counter[str] = Counter()
        self.mistakes: list[str] = []
        self.lock = threading.RLock()
        self.streams: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self.lost = ""  # a sticky error: all later calls fail with it
        self.hung = False
        self.under_way = 0
        self.nan = False
        self.launches_to_refuse = 0
        self.launches_to_fail = 0
        self.fails_capture = False
        self.launched = Counter[str]()
        self.copied_bytes = 0
        self._allocations_until_failure = 0
        self._memory: dict[int, np.ndarray] = {}
        self._next_address = _FIRST_ADDRESS
        self._threads = threading.local()

    def fail_allocation(self, nth: int) -> None:
        """The `nth` allocation from now on finds no memory."""
        self._allocations_until_failure = nth

    def contexts(self) -> list[Any]:
        """This thread's stack of contexts."""
        if not hasattr(self._threads, "contexts"):
            self._threads.contexts = []
        stack: list[Any] = self._threads.contexts
        return stack

    def check_current(self, what: str) -> None:
        """Freeing needs a current context; of a lost GPU pycuda only warns."""
        if not self.contexts():
            self.mistakes.append(f"{what} without a current context")
            raise CudaLogicError(f"{what} failed: invalid device context")

    def check(self, what: str) -> None:
        """Every call but the first few needs a current context and a GPU that is not lost."""
        self.check_current(what)
        if self.lost:
            raise CudaLaunchError(f"{what} failed: {self.lost}")

    def allowed(self, what: str) -> bool:
        """Without the context pycuda's destructors free in the thread that retained it, and leak in all others."""
        if not self.contexts():
            self.finish(f"dropping {what}")
            self.mistakes.append(f"{what} dropped without a current context: it leaks")
            return False
        return True

    def take(self, kind: str) -> None:
        """Count one allocation of `kind`."""
        with self.lock:
            here = threading.get_ident()
            if any(stream.captured is not None and stream.thread == here for stream in self.streams.values()):
                self.mistakes.append(f"{kind} allocated while its thread records a graph")
            if self._allocations_until_failure:
                self._allocations_until_failure -= 1
                if not self._allocations_until_failure:
                    raise CudaMemoryError("cuMemAlloc failed: out of memory")
            self.live[kind] += 1

    def give(self, kind: str) -> None:
        """Count one `kind` given back; freeing waits for all work, as cuMemFree does."""
        self.finish(f"freeing {kind}")
        with self.lock:
            self.live[kind] -= 1
            if self.live[kind] < 0:
                self.mistakes.append(f"{kind} given back twice")

    def map(self, memory: np.ndarray) -> int:
        """An address for `memory` (flat bytes) on the GPU's side."""
        with self.lock:
            address = self._next_address
            self._next_address += (memory.nbytes // 512 + 2) * 512
            self._memory[address] = memory
            return address

    def unmap(self, address: int) -> None:
        """Nothing may reach `address` any more; what lies there is spoiled."""
        with self.lock:
            self._memory.pop(address)[:] = 0xFF

    def at(self, address: int, size: int) -> np.ndarray:
        """The `size` bytes at `address`, or a lost GPU."""
        for start, memory in self._memory.items():
            if start <= address and address + size <= start + memory.nbytes:
                return memory[address - start : address - start + size]
        self.mistakes.append(f"{size} bytes at {address:#x} are not the GPU's")
        raise CudaLaunchError("an illegal memory access was encountered")

    def finish(self, what: str) -> None:
        """Do all work that is waiting, as every blocking call does."""
        with self.lock:
            if self.hung and self.under_way:
                self.mistakes.append(f"{what} would wait for a hung GPU for ever")
                raise AssertionError(f"{what} would wait for a hung GPU for ever")
            for stream in list(self.streams.values()):
                self.work(stream, stream.issued)

    def work(self, stream: Any, until: int) -> None:
        """Do the work of `stream` up to its operation number `until`."""
        while stream.pending and stream.done < until:
            operation = stream.pending.popleft()
            stream.done += 1
            self.under_way -= 1
            try:
                operation()
            except CudaLaunchError as error:
                self.lost = str(error)
                self.under_way -= len(stream.pending)
                stream.pending.clear()


class WorkQueue:
    """What is put on one stream: done later, or recorded while a graph is captured."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.pending: deque[Operation] = deque()
        self.issued = 0
        self.done = 0
        self.captured: list[Operation] | None = None
        self.captured_contexts: list[tuple[Any, int]] = []
        self.capture_broken = ""
        self.thread = 0

    def put(self, operation: Operation) -> None:
        """Put one operation."""
        if self.captured is not None:
            self.captured.append(operation)
            return
        self.pending.append(operation)
        self.issued += 1
        self._machine.under_way += 1


def queries_until_done() -> int:
    """How often an event answers no before it answers yes."""
    return _QUERIES_UNTIL_DONE
