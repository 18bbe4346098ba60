"""Resident memory, and by how much it may grow under a fault."""

from __future__ import annotations

import psutil

GROWTH_MB = 8.0


def rss_mb(pid: int) -> float:
    return round(psutil.Process(pid).memory_info().rss / 2**20, 1)
