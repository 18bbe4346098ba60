"""A short recording by a microphone that is opened for it; nothing of it is kept but its loudness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.capture.sound_watch import SILENT_AFTER_NS, SoundWatch
from edge.capture.source import AudioSource
from edge.clock import NS_PER_MS, NS_PER_S, Clock
from edge.doctor.closed import unless_closed
from edge.errors import DeviceError

LISTEN_NS = SILENT_AFTER_NS + 500 * NS_PER_MS
"""From the first sound: as long as the daemon needs to call one silent."""
FIRST_LIMIT_NS = 4 * NS_PER_S
_READ_S = 0.1
_LEAST = 1e-6


@dataclass(frozen=True)
class Heard:
    """`level_dbfs`: root mean square, 0 being full scale. `fault`: its words, of silence and the like.

    `direct`: the card's own node was open meanwhile, and no sound server stood between.
    """

    name: str
    level_dbfs: float
    fault: str | None
    direct: bool


def listen(microphone: AudioSource, clock: Clock, off: Callable[[], str | None]) -> Heard:
    """Open it, listen, close it. Raises DeviceError, UsageError, or ClosedError as soon as `off` says why."""
    watch, fault, direct = SoundWatch(microphone), None, False
    squares, samples, first_ns = 0.0, 0, None
    try:
        unless_closed(off)
        microphone.open()
        began_ns = clock.now_ns()
        while clock.now_ns() - (first_ns or began_ns) < (LISTEN_NS if first_ns else FIRST_LIMIT_NS):
            unless_closed(off)
            chunk = microphone.read(_READ_S)
            if chunk is None:
                continue
            if first_ns is None:
                first_ns, direct = chunk.arrived_ns, holds_a_card()
            fault = watch.step(chunk)
            squares += float(np.square(chunk.samples, dtype=np.float64).sum())
            samples += len(chunk.samples)
        name = microphone.name
    finally:
        microphone.close()
    if samples == 0:
        raise DeviceError(f"Microphone {name!r} opens, but no sound came within {FIRST_LIMIT_NS // NS_PER_S} s.")
    level_dbfs = 20 * float(np.log10(max(_LEAST, np.sqrt(squares / samples))))
    return Heard(name, level_dbfs, fault.words if fault else None, direct)


def holds_a_card(descriptors: Path = Path("/proc/self/fd")) -> bool:
    """Whether this process has the capture node of a sound card open, like /dev/snd/pcmC1D0c."""
    for descriptor in descriptors.iterdir():
        try:
            target = descriptor.readlink()
        except OSError:
            continue
        if target.parent.name == "snd" and target.name.startswith("pcmC") and target.name.endswith("c"):
            return True
    return False
