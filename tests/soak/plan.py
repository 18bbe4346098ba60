"""Which fault is made when, and when it is healed: all of it follows from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

EVERY_S = 20.0
FIRST_S = 20.0
"""The daemon is left alone for so long first, and after the last fault."""

KINDS: dict[str, tuple[float, float]] = {
    "camera killed": (2.0, 12.0),
    "camera stopped": (2.0, 12.0),
    "camera frozen": (4.0, 12.0),
    "camera slowed": (2.0, 12.0),
    "microphone killed": (2.0, 10.0),
    "microphone stopped": (2.0, 12.0),
    "microphone silent": (4.0, 12.0),
    "broker killed": (1.0, 12.0),
    "broker stopped": (1.0, 12.0),
    "network held up": (1.0, 12.0),
    "network cut": (1.0, 12.0),
    "busy loops": (2.0, 8.0),
    "switched off": (1.0, 8.0),
    "daemon stopped": (0.5, 1.5),
}
"""Least and most seconds from the fault to its healing."""


@dataclass(frozen=True)
class Fault:
    """`at_s` counts from the beginning of the soak; it is healed after `seconds`."""

    at_s: float
    kind: str
    seconds: float


def plan(seed: int, length_s: float, every_s: float = EVERY_S, kinds: tuple[str, ...] = tuple(KINDS)) -> list[Fault]:
    """One fault every `every_s`: each kind as often as the others, in an order that the seed gives."""
    chance = random.Random(seed)
    faults: list[Fault] = []
    waiting: list[str] = []
    at_s = min(FIRST_S, every_s)
    while at_s + every_s <= length_s:
        if not waiting:
            waiting = chance.sample(kinds, len(kinds))
        kind = waiting.pop()
        least_s, most_s = KINDS[kind]
        seconds = min(chance.uniform(least_s, most_s), 0.6 * every_s)
        faults.append(Fault(round(at_s + chance.uniform(0.0, 0.1 * every_s), 2), kind, round(seconds, 2)))
        at_s += every_s
    return faults
