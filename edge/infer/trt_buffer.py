"""One tensor's memory at addresses that stay: page-locked on the host, and the GPU's own unless both share the DRAM."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.infer.gpu import Gpu


class TrtBuffer:
    """Room for `shape`, the largest that the plan takes. `address` is the GPU's. Use it within `Gpu.run` only.

    An integrated GPU maps the host's memory: nothing is copied. Ampere and later Jetsons keep it coherent.
    """

    def __init__(self, gpu: Gpu, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        driver = gpu.driver
        flags = driver.host_alloc_flags.DEVICEMAP if gpu.integrated else 0
        self._driver = driver
        self._device: Any = None
        self._host: Any = driver.pagelocked_empty(max(1, prod(shape)), dtype, mem_flags=flags)
        try:
            if gpu.integrated:
                self.address = int(self._host.base.get_device_pointer())
            else:
                self._device = driver.mem_alloc(self._host.nbytes)
                self.address = int(self._device)
        except Exception:
            self.free()
            raise

    def view(self, shape: tuple[int, ...]) -> NDArray[Any]:
        """The host's side as an array of `shape`; gone after `free`."""
        array: NDArray[Any] = self._host[: prod(shape)].reshape(shape)
        return array

    def to_gpu(self, view: NDArray[Any], stream: Any) -> None:
        """Put the copy of `view` to the GPU on `stream`, where one is needed."""
        if self._device is not None:
            self._driver.memcpy_htod_async(self._device, view, stream)

    def to_host(self, view: NDArray[Any], stream: Any) -> None:
        """Put the copy into `view` on `stream`, where one is needed."""
        if self._device is not None:
            self._driver.memcpy_dtoh_async(view, self._device, stream)

    def free(self) -> None:
        """Give both sides back."""
        device, self._device = self._device, None
        host, self._host = self._host, None
        try:
            if device is not None:
                device.free()
        finally:
            if host is not None:
                host.base.free()
