"""What CUDA's driver answers to cuInit, what it means, and what helps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CudaCode:
    """`name` as in cuda.h; `meaning` and `remedy` are parts of a sentence."""

    name: str
    meaning: str
    remedy: str


_GROUPS = (
    "let this user into both (sudo usermod -aG video,render $USER, then log in again; a service needs "
    "SupplementaryGroups=video render)"
)
_NODES = f"/dev/nvmap belongs to the group video, since JetPack 6.2 /dev/dri/renderD* to the group render: {_GROUPS}"
_RESTART = "restart the machine; if that does not help, install the driver again"

# cuda.h, CUresult. On Jetsons 999, 100 and 801 were all seen where nothing but the rights on the device nodes lacked.
CODES = {
    0: CudaCode("CUDA_SUCCESS", "the driver works", ""),
    1: CudaCode("CUDA_ERROR_INVALID_VALUE", "the driver refuses the call", _RESTART),
    2: CudaCode("CUDA_ERROR_OUT_OF_MEMORY", "there is not enough memory", "end what uses the GPU, or add swap"),
    3: CudaCode("CUDA_ERROR_NOT_INITIALIZED", "the driver is not initialised", _RESTART),
    34: CudaCode(
        "CUDA_ERROR_STUB_LIBRARY",
        "this libcuda is the toolkit's stub, not a driver",
        "take the toolkit's stubs folder out of LD_LIBRARY_PATH, and install NVIDIA's driver",
    ),
    35: CudaCode(
        "CUDA_ERROR_INSUFFICIENT_DRIVER", "the driver is older than CUDA wants it", "install a newer NVIDIA driver"
    ),
    36: CudaCode(
        "CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER",
        "the kernel's driver is older than the library",
        "install a newer NVIDIA driver",
    ),
    46: CudaCode("CUDA_ERROR_DEVICE_UNAVAILABLE", "the GPU is taken by another process", "end what uses the GPU"),
    100: CudaCode("CUDA_ERROR_NO_DEVICE", "no GPU is found", "look whether its device nodes are there and ours"),
    101: CudaCode("CUDA_ERROR_INVALID_DEVICE", "the GPU is not one for CUDA", _RESTART),
    304: CudaCode("CUDA_ERROR_OPERATING_SYSTEM", "a call of the operating system failed", _RESTART),
    800: CudaCode("CUDA_ERROR_NOT_PERMITTED", "it is not permitted", "correct the rights on the GPU's device nodes"),
    801: CudaCode("CUDA_ERROR_NOT_SUPPORTED", "it is not supported", "correct the rights on the GPU's device nodes"),
    802: CudaCode("CUDA_ERROR_SYSTEM_NOT_READY", "the system's services for the GPU do not run yet", _RESTART),
    803: CudaCode(
        "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
        "the kernel's driver and the library are not of one version",
        "restart the machine after the upgrade",
    ),
    804: CudaCode(
        "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
        "CUDA's compatibility library does not support this GPU",
        "take the folder compat out of LD_LIBRARY_PATH",
    ),
    999: CudaCode("CUDA_ERROR_UNKNOWN", "an unknown error", _RESTART),
}
_RIGHTS_LACK = frozenset({100, 304, 800, 801, 999})


def cuda_code(code: int, name: str | None = None, *, on_jetson: bool = False) -> CudaCode:
    """What `code` says; `name` is the driver's own word for a code that is not in the table."""
    known = CODES.get(code)
    if known is None:
        known = CudaCode(name or f"CUDA error {code}", "an error without words of ours", _RESTART)
    if on_jetson and code in _RIGHTS_LACK:
        return CudaCode(known.name, f"{known.meaning}, or this user may not use its device nodes", _NODES)
    return known
