"""libcuda's graphs over a Machine."""

from __future__ import annotations

import threading

from edge.infer.engine import EngineError
from tests.gpu.machine import Machine


class StandInLibcuda:
    """The part of Libcuda that an engine uses, and no more."""

    def __init__(self, machine: Machine, *, has_graphs: bool = True) -> None:
        self.has_graphs = has_graphs
        self._machine = machine
        self._graphs: dict[int, tuple[list, list]] = {}
        self._next = 0x6600_0000_0000

    def begin_capture(self, stream: int) -> None:
        """Record instead of doing."""
        self._machine.check("cuStreamBeginCapture_v2")
        queue = self._machine.streams[stream]
        if queue.pending:
            self._machine.mistakes.append("a capture begins while work is under way on its stream")
        queue.captured, queue.captured_contexts, queue.capture_broken = [], [], ""
        queue.thread = threading.get_ident()

    def end_capture(self, stream: int) -> int:
        """The recorded graph."""
        self._machine.check("cuStreamEndCapture")
        queue = self._machine.streams[stream]
        operations, queue.captured = queue.captured, None
        contexts, queue.captured_contexts = queue.captured_contexts, []
        if self._machine.fails_capture or queue.capture_broken:
            reason = queue.capture_broken or "operation failed due to a previous error during capture"
            raise EngineError(f"cuStreamEndCapture failed: {reason} (901)")
        self._next += 8
        self._graphs[self._next] = (operations or [], contexts)
        self._machine.live["graph"] += 1
        return self._next

    def launch(self, graph: int, stream: int) -> None:
        """All of it again, at the addresses of then."""
        self._machine.check("cuGraphLaunch")
        operations, contexts = self._graphs[graph]
        if any(context.generation != generation for context, generation in contexts):
            self._machine.mistakes.append("a graph was launched after its execution context changed")
        self._machine.launched["graph"] += 1
        for operation in operations:
            self._machine.streams[stream].put(operation)

    def destroy(self, graph: int) -> None:
        """Free it."""
        del self._graphs[graph]
        self._machine.live["graph"] -= 1
