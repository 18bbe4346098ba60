"""What a subscriber heard: by kind, by device, how late, and what is missing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from edge.clock import NS_PER_MS


@dataclass
class Tally:
    """Counts messages of `edge-emotion/<device>/…`; `t_ns` of a payload is when its making began, same machine."""

    heard: Counter[str] = field(default_factory=Counter)
    bytes_heard: int = 0
    last_ns: int = 0
    """When the newest message was received (CLOCK_MONOTONIC)."""
    repeated: int = 0
    """Messages of a `seq` that had come before: what QoS 1 may do."""
    reordered: int = 0
    """Messages that came after one of a higher `seq` of the same device."""
    latencies_ms: list[float] = field(default_factory=list)
    _seqs: dict[str, set[int]] = field(default_factory=dict)
    _highest: dict[str, int] = field(default_factory=dict)

    def take(self, topic: str, payload: bytes, received_ns: int) -> None:
        """One message, received at `received_ns` (CLOCK_MONOTONIC)."""
        kind = topic.rpartition("/")[2]
        self.heard[kind] += 1
        self.last_ns = received_ns
        self.bytes_heard += len(topic) + len(payload)
        if kind == "emotion":
            message = json.loads(payload)
            self._follow(message["device"], message["seq"])
            self.latencies_ms.append((received_ns - message["t_ns"]) / NS_PER_MS)

    def report(self) -> dict[str, Any]:
        """Everything in JSON types; `results` are distinct results by device."""
        shares = np.percentile(self.latencies_ms or [np.nan], (50, 95, 99, 100))
        names = ("p50", "p95", "p99", "max")
        return {
            "heard": dict(self.heard),
            "bytes": self.bytes_heard,
            "repeated": self.repeated,
            "reordered": self.reordered,
            "latency_ms": {name: round(float(share), 2) for name, share in zip(names, shares, strict=True)},
            "results": {device: len(seqs) for device, seqs in self._seqs.items()},
        }

    def _follow(self, device: str, seq: int) -> None:
        seqs = self._seqs.setdefault(device, set())
        highest = self._highest.get(device, -1)
        if seq in seqs:
            self.repeated += 1
        elif seq < highest:
            self.reordered += 1
        seqs.add(seq)
        self._highest[device] = max(seq, highest)


def lost(sent: Mapping[str, int], results: Mapping[str, int]) -> dict[str, int]:
    """Results that never came, by device, without those that lost none. `sent` and `results`: counts by device."""
    missing = {device: count - results.get(device, 0) for device, count in sent.items()}
    return {device: count for device, count in missing.items() if count}
