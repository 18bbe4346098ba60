"""A stand-in for NVIDIA's driver library, made by gcc: answers as a test says, hangs or crashes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_SOURCE = r"""
#include <stdio.h>
#include <string.h>
#include <unistd.h>
typedef int CUresult;
CUresult cuInit(unsigned flags) { SAY; ACT; return CODE; }
CUresult cuGetErrorName(CUresult code, const char **text) {
    if (code == 719) { *text = "CUDA_ERROR_LAUNCH_FAILED"; return 0; }
    *text = 0; return 1;
}
CUresult cuDriverGetVersion(int *version) { *version = 12060; return 0; }
CUresult cuDeviceGetCount(int *count) { *count = DEVICES; return 0; }
CUresult cuDeviceGet(int *device, int ordinal) { *device = ordinal; return 0; }
CUresult cuDeviceGetName(char *name, int length, int device) { strncpy(name, "Orin (nvgpu)", length); return 0; }
CUresult cuDeviceGetAttribute(int *value, int attribute, int device) {
    *value = attribute == 75 ? 8 : attribute == 76 ? 7 : attribute == 18 ? 1 : 0; return 0;
}
"""
HANG = "for (;;) pause()"
CRASH = "*(volatile int *)0 = 0"
ABORT = "__builtin_trap()"
EXIT = "_exit(0)"


def stub(folder: Path, *, code: int = 0, devices: int = 1, act: str = "", say: str = "") -> Path:
    """libcuda.so.1 in `folder`, for LD_LIBRARY_PATH: `act` is done and `say` printed by cuInit. Skips without gcc."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "cuda.c"
    spoken = f'printf("%s\\n", "{say}"); fflush(stdout); fprintf(stderr, "%s\\n", "{say}")' if say else ""
    source.write_text(
        f"#define CODE {code}\n#define DEVICES {devices}\n#define ACT {act}\n#define SAY {spoken}\n{_SOURCE}"
    )
    words = ["gcc", "-w", "-shared", "-fPIC", "-o", str(folder / "libcuda.so.1"), str(source)]
    subprocess.run(words, check=True, timeout=60)
    return folder
