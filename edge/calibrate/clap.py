"""What one clap is: to the ear a moment, to the eye the interval between two pictures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HeardClap:
    """`t_ns` is the onset; `level_db` the loudest millisecond, dBFS."""

    t_ns: int
    level_db: float


@dataclass(frozen=True)
class SeenClap:
    """`t_ns` is the moment of contact, interpolated between two pictures `period_ns` apart.

    `energy` is the motion just before it, as MotionMeter gives it.
    """

    t_ns: int
    period_ns: int
    energy: float
