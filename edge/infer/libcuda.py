"""NVIDIA's driver library by its C interface: whether there is a GPU for this process, and CUDA graphs.

pycuda (2022.1 to 2026.1) wraps no graphs, but gives the handles of its streams. Names and types are those of cuda.h.
"""

from __future__ import annotations

import ctypes
import threading
from functools import cache

from edge.infer.engine import EngineError

LIBRARY = "libcuda.so.1"
NO_DEVICE = 100
NOT_SUPPORTED = 801
UNKNOWN = 999
_NO_GPU = {
    NO_DEVICE: "no CUDA-capable device: see that there is an NVIDIA GPU and that its driver is loaded",
    NOT_SUPPORTED: "operation not supported: on JetPack 6.2 the right to open /dev/dri/renderD* is missing",
    UNKNOWN: "unknown error: if the driver was updated, or the machine has slept, reboot",
}
_RIGHTS = "on a Jetson add this user to the groups video and render (/dev/nvmap, /dev/dri/renderD*)"
_THREAD_LOCAL = 1  # CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads may allocate meanwhile
_POINTER = ctypes.c_void_p
_SIGNATURES: dict[str, tuple[object, ...]] = {
    "cuStreamBeginCapture_v2": (_POINTER, ctypes.c_int),
    "cuStreamEndCapture": (_POINTER, ctypes.POINTER(_POINTER)),
    "cuGraphInstantiateWithFlags": (ctypes.POINTER(_POINTER), _POINTER, ctypes.c_ulonglong),
    "cuGraphLaunch": (_POINTER, _POINTER),
    "cuGraphExecDestroy": (_POINTER,),
    "cuGraphDestroy": (_POINTER,),
}


class Libcuda:
    """The calls that pycuda lacks. Streams are its handles; a graph is the address of a `CUgraphExec`."""

    def __init__(self, library: str = LIBRARY) -> None:
        """Raises EngineError where there is no driver library."""
        try:
            self._library = ctypes.CDLL(library)
        except OSError as error:
            raise EngineError(
                f"there is no NVIDIA driver here: {library} cannot be loaded ({error}); install the driver"
            ) from error
        self.has_graphs = all(hasattr(self._library, name) for name in _SIGNATURES)
        for name, types in _SIGNATURES.items() if self.has_graphs else ():
            getattr(self._library, name).argtypes = types

    def init(self) -> None:
        """cuInit(0). Raises EngineError with the code and what it means on a Jetson."""
        code = self._library.cuInit(0)
        if code:
            meaning = _NO_GPU.get(code, "see CUresult in NVIDIA's driver API")
            raise EngineError(f"the GPU cannot be used: cuInit returned {code}, {meaning}; {_RIGHTS}")

    def begin_capture(self, stream: int) -> None:
        """Record what is put on `stream` instead of doing it."""
        self._call("cuStreamBeginCapture_v2", stream, _THREAD_LOCAL)

    def end_capture(self, stream: int) -> int:
        """A graph that can be launched, of what was recorded. Raises EngineError; the stream is usable again anyhow."""
        graph, executable = _POINTER(), _POINTER()
        self._call("cuStreamEndCapture", stream, ctypes.byref(graph))
        try:
            self._call("cuGraphInstantiateWithFlags", ctypes.byref(executable), graph, 0)
        finally:
            self._library.cuGraphDestroy(graph)
        return int(executable.value or 0)

    def launch(self, graph: int, stream: int) -> None:
        """Do all of `graph` on `stream`."""
        self._call("cuGraphLaunch", graph, stream)

    def destroy(self, graph: int) -> None:
        """Free `graph`."""
        self._library.cuGraphExecDestroy(graph)

    def _call(self, name: str, *arguments: object) -> None:
        code = getattr(self._library, name)(*arguments)
        if code:
            text = ctypes.c_char_p()
            self._library.cuGetErrorString(code, ctypes.byref(text))
            raise EngineError(f"{name} failed: {(text.value or b'unknown error').decode()} ({code})")


_LOADING = threading.Lock()


@cache
def _loaded() -> Libcuda:
    return Libcuda()


def libcuda() -> Libcuda:
    """The driver library, loaded once per process and initialised. Raises EngineError."""
    with _LOADING:
        library = _loaded()
    library.init()
    return library
