"""The real pycuda on a driver of host memory (driver.c), with the stand-in TensorRT: for a process of its own.

Its library path holds the libcuda.so.1 of driver.c, its Python path pycuda. Prints JSON: what is left, and mistakes.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import threading
import weakref
from collections import Counter
from functools import partial
from typing import Any

import numpy as np
import pycuda
import pycuda.driver

from edge.infer.card import load_card
from edge.infer.cuda import gpu
from edge.infer.onnx_engine import OnnxEngine
from edge.infer.trt_engine import TrtEngine
from tests.gpu.stand_in_gpu import StandInGpu
from tests.gpu.stand_in_tensorrt import tensorrt_module

_CALL = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_KINDS = ("device memory", "host memory", "streams", "events", "graphs")


class SoftStream:
    """What the stand-in TensorRT sees of a stream that the real pycuda made."""

    capture_broken = ""

    def __init__(self, machine: SoftMachine, handle: int) -> None:
        self._machine, self._handle = machine, ctypes.c_void_p(handle)
        self.captured_contexts: list[Any] = []

    @property
    def captured(self) -> bool | None:
        """None unless a graph is recorded, as in the machine of the stand-in."""
        return True if self._machine.library.test_capturing(self._handle) else None

    def put(self, operation: partial[None]) -> None:
        """A host function: it runs when the stream comes to it, and again whenever its graph is launched.

        It does not keep the execution context, nor does a real graph.
        """
        method, arguments = weakref.WeakMethod(operation.func), operation.args
        call = _CALL(lambda _data: method()(*arguments))  # type: ignore[misc]
        self._machine.calls.append(call)
        assert self._machine.library.cuLaunchHostFunc(self._handle, call, None) == 0


class SoftMachine:
    """The part of a Machine that the stand-in TensorRT needs, over real addresses."""

    nan = False
    launches_to_fail = launches_to_refuse = 0

    def __init__(self, library: Any) -> None:
        self.library = library
        self.calls: list[Any] = []
        self.mistakes: list[str] = []
        self.live: Counter[str] = Counter()
        self.launched: Counter[str] = Counter()
        self.streams = self

    def __getitem__(self, handle: int) -> SoftStream:
        return SoftStream(self, handle)

    def check(self, what: str) -> None:
        """A context must be current."""
        if not self.library.test_depth():
            self.mistakes.append(f"{what} without a current context")

    def allowed(self, what: str) -> bool:
        """The same for destructors."""
        self.check(what)
        return True

    def take(self, kind: str) -> None:
        """Count."""
        self.live[kind] += 1

    def give(self, kind: str) -> None:
        """Count."""
        self.live[kind] -= 1

    def at(self, address: int, size: int) -> np.ndarray:
        """Real memory."""
        return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))


def main(integrated: bool) -> dict[str, Any]:
    """Both engines, all sizes, two threads; each answer must be ONNX Runtime's."""
    library = ctypes.CDLL("libcuda.so.1")
    library.test_integrated(int(integrated))
    machine = SoftMachine(library)
    trt = tensorrt_module(machine, "10.3.0")  # type: ignore[arg-type]
    real, plans = gpu(), StandInGpu()
    card = load_card()
    rng = np.random.default_rng(5)
    wrong: list[str] = []

    def work(graph: str, shapes: dict[str, tuple[int, ...]]) -> None:
        path = card.graph_path(graph, "fp32")
        engine = TrtEngine(plans.plan(graph), trt, real)
        with OnnxEngine(path) as reference:
            for _ in range(2):
                with engine:
                    for n in (*range(1, 9), 3, 3, 8, 1, 5):
                        feeds = {name: rng.random((n, *shape), np.float32) for name, shape in shapes.items()}
                        ours, theirs = engine.infer(feeds), reference.infer(feeds)
                        wrong.extend(name for name in theirs if not np.array_equal(ours[name], theirs[name]))

    head = {"embeddings": (15, card.embedding_size), "video_mask": (15,), "sound": (100, 120), "sound_mask": (100,)}
    threads = [
        threading.Thread(target=work, args=("face", {"crops": (1, 128, 128)})),
        threading.Thread(target=work, args=("head", head)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()
    return {
        "pycuda": pycuda.VERSION_TEXT,
        "gpu": [real.name, real.sm, real.integrated],
        "wrong": wrong,
        "launched": dict(machine.launched),
        "left": {kind: count for number, kind in enumerate(_KINDS) if (count := library.test_live(number))}
        | {kind: count for kind, count in machine.live.items() if count},
        "mistakes": [*machine.mistakes, *["a call without a context"] * library.test_mistakes()],
        "depth": library.test_depth(),
    }


if __name__ == "__main__":
    json.dump(main(sys.argv[1] == "integrated"), sys.stdout)
