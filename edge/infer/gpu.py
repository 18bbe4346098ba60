"""The GPU of this process: what it is, and its context, which a thread holds only while it uses it."""

from __future__ import annotations

import ctypes
import logging
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from edge.infer.engine import EngineError
from edge.infer.libcuda import Libcuda

_LOG = logging.getLogger(__name__)
POLL_S = 0.0001
T = TypeVar("T")


class Work(Protocol):
    """What an engine has on the GPU: memory, and a stream that may still write to it."""

    def done(self) -> bool:
        """Whether the GPU is through with it. Raises what CUDA raises."""
        ...

    def free(self) -> None:
        """Give its memory back."""
        ...


class HungError(EngineError):
    """The GPU did not answer in time."""


class Gpu:
    """The first GPU. Its primary context (the one that TensorRT uses) is retained once and kept while the process runs.

    `integrated`: the GPU works in the host's own DRAM, as on every Jetson.
    """

    def __init__(self, driver: Any, library: Libcuda) -> None:
        """`driver` is pycuda.driver."""
        driver.init()
        self.driver = driver
        self.library = library
        self._device = driver.Device(0)
        self.name = str(self._device.name())
        major, minor = self._device.compute_capability()
        self.sm = f"{major}{minor}"
        self.integrated = bool(self._device.get_attribute(driver.device_attribute.INTEGRATED))
        self._context: Any = None
        self._works: list[Work] = []
        self._abandoned: list[Work] = []
        self._lock = threading.Lock()

    def run(self, name: str, work: Callable[[], T]) -> T:
        """`work()` while the context is this thread's. What it raises becomes an EngineError that begins with `name`.

        The error is a new one, without traceback: its frames would hold execution contexts and streams until after
        the context is popped, and what is freed then leaks.
        """
        try:
            with self._lock:
                if self._context is None:
                    self._context = self._device.retain_primary_context()
            self._context.push()
        except Exception as error:
            raise cuda_error(name, error) from error
        try:
            return work()
        except Exception as error:  # pycuda and TensorRT have types of their own
            _LOG.debug("%s", traceback.format_exc())
            failure = _failure(name, error)
        finally:
            self._context.pop()
        raise failure

    def register(self, work: Work) -> None:
        """From now on others wait for `work` before they free anything."""
        with self._lock:
            self._works.append(work)

    def released(self, work: Work) -> None:
        """`work` is freed."""
        with self._lock:
            self._works = [other for other in self._works if other is not work]

    def idle(self) -> bool:
        """Whether no work is under way, within `run`."""
        with self._lock:
            works = list(self._works)
        return all(_ended(work) for work in works)

    def wait_idle(self, timeout_s: float) -> None:
        """Until no work is under way, within `run`. Raises HungError.

        Freeing memory waits for the whole GPU, with Python's lock held: behind a hung kernel of any engine it would
        stop every thread for ever.
        """
        until_s = time.monotonic() + timeout_s
        while not self.idle():
            if time.monotonic() > until_s:
                raise HungError(f"{self.name} did not answer within {timeout_s:g} s")
            time.sleep(POLL_S)

    def abandon(self, work: Work) -> None:
        """Keep `work` for good, also when Python ends: freeing what a hung GPU works on would wait for it for ever."""
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(work))
        with self._lock:
            self._abandoned.append(work)

    def reclaim(self, timeout_s: float) -> None:
        """Free what was abandoned and has ended since, within `run`. Raises HungError while something still hangs."""
        with self._lock:
            works, self._abandoned = self._abandoned, []
        if not works:
            return
        try:
            self.wait_idle(timeout_s)
        except HungError as error:
            with self._lock:
                self._abandoned += works
            raise HungError(f"{self.name} still hangs in earlier work; restart the service if this stays") from error
        while works:
            try:
                works.pop().free()
            except BaseException:
                with self._lock:
                    self._abandoned += works  # one that cannot be freed must not take the others along
                raise


def _ended(work: Work) -> bool:
    """A lost GPU does nothing any more."""
    try:
        return work.done()
    except Exception:  # pycuda's own types
        return True


def _failure(name: str, error: Exception) -> EngineError:
    if isinstance(error, EngineError):
        return type(error)(f"{name}: {error}")
    return cuda_error(name, error)


def cuda_error(name: str, error: Exception) -> EngineError:
    """What pycuda or TensorRT raised in `name`, as one sentence."""
    text = str(error).strip().split("\n", 1)[0].rstrip(".") or type(error).__name__
    if "out of memory" in text or isinstance(error, MemoryError):
        return EngineError(f"{name}: the GPU is out of memory ({text}); end what else uses it")
    return EngineError(f"{name} failed on the GPU: {text}; if this stays, restart the service")
