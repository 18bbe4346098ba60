"""Keeps the C library from holding on to freed memory: pictures are large, and threads have arenas of their own."""

from __future__ import annotations

import ctypes

from edge.clock import NS_PER_S

TRIM_AFTER_NS = 2 * NS_PER_S
_M_ARENA_MAX = -8
_ARENAS = 2
_M_MMAP_THRESHOLD = -3
_PICTURE_BYTES = 512 * 1024
"""What is larger has pages of its own, which go back to the system when it is freed."""


class Allocator:
    """glibc's malloc; elsewhere nothing happens.

    Each opening of a camera has new threads, whose arenas (mallopt(3), M_ARENA_MAX) keep freed pictures of 0.9 MB.
    """

    def __init__(self) -> None:
        self.trims = 0
        self._changes = 0
        self._trim_ns: int | None = None
        self._libc: ctypes.CDLL | None = None
        try:
            libc = ctypes.CDLL("libc.so.6")
            libc.malloc_trim.argtypes = [ctypes.c_size_t]
            libc.mallopt.argtypes = [ctypes.c_int, ctypes.c_int]
        except (OSError, AttributeError):
            return
        self._libc = libc

    def limit(self) -> None:
        """Few arenas, and no pictures in them. Call before threads start."""
        if self._libc is not None:
            self._libc.mallopt(_M_ARENA_MAX, _ARENAS)
            self._libc.mallopt(_M_MMAP_THRESHOLD, _PICTURE_BYTES)

    def step(self, now_ns: int, changes: int) -> None:
        """`changes` counts devices lost and found: a little after each, freed pages are given back to the system.

        That takes some milliseconds. Call it from a thread that has them.
        """
        if changes != self._changes:
            self._changes = changes
            if self._trim_ns is None:
                self._trim_ns = now_ns + TRIM_AFTER_NS
        if self._trim_ns is not None and now_ns >= self._trim_ns:
            self._trim_ns = None
            self.trims += 1
            if self._libc is not None:
                self._libc.malloc_trim(0)
