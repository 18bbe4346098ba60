"""A wall clock that a test steps, for a real process: CLOCK_MONOTONIC goes on as it is.

A small library is loaded before the others and shifts what time(2), gettimeofday(2) and clock_gettime(CLOCK_REALTIME)
give by the seconds in a file, which it maps.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const long long *shift_s;
static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
    real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int file = open(getenv("WALL_CLOCK_SHIFT"), O_RDONLY);
    if (file < 0) abort();
    shift_s = mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    int failed = real(clock, at);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) && shift_s) at->tv_sec += *shift_s;
    return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"""


class WallClock:
    """`environ` is for the process that is to be deceived. Skips the test where there is no C compiler."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            pytest.skip("no C compiler: the wall clock of a process cannot be stepped")
        source, library = folder / "wall_clock.c", folder / "wall_clock.so"
        source.write_text(_SOURCE, encoding="ascii")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        self._shift = folder / "shift"
        self.shift(0)
        self.environ = {"LD_PRELOAD": str(library), "WALL_CLOCK_SHIFT": str(self._shift)}

    def shift(self, seconds: int) -> None:
        """From now on the wall clock is so much ahead of the true one (< 0: behind)."""
        if not self._shift.exists():
            self._shift.write_bytes(bytes(8))
        with self._shift.open("r+b") as file:
            file.write(struct.pack("q", seconds))

    def set(self, unix_s: int) -> None:
        """From now on it says this, and goes on from there."""
        self.shift(unix_s - int(time.time()))
