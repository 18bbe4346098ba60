"""One `edge-emotion calibrate`, from the privacy switch to the lag, or to what was missing."""

from __future__ import annotations

import atexit
import logging
import os
from dataclasses import dataclass

import cv2

from edge.calibrate.agreement import Agreement, Shortfall, agree
from edge.calibrate.devices import Devices
from edge.calibrate.status_line import Progress, StatusLine
from edge.calibrate.tape import Tape
from edge.clock import NS_PER_MS, NS_PER_S, Clock, MonotonicClock
from edge.config import Settings, enabled_file, is_enabled
from edge.errors import EdgeError

_WORDS = {3: "three", 4: "four", 5: "five", 6: "six"}
_WAIT_S = 0.05
_LOOK_EVERY_NS = 500 * NS_PER_MS
_SETTLED_NS = 1300 * NS_PER_MS
"""After the last clap: by then it has been both seen and heard, whatever the lag."""


@dataclass(frozen=True)
class Found:
    """The lag of these two devices, by their names."""

    agreement: Agreement
    camera: str
    mic: str


def calibrate(settings: Settings, wanted: int, seconds: float) -> Found:
    """Wait for `wanted` claps on which picture and sound agree, for at most `seconds` or to the end of a file.

    Raises EdgeError with what was missing; DeviceError or UsageError where camera or microphone cannot be had.
    """
    if not is_enabled():
        raise EdgeError(f"The privacy switch {enabled_file()} is OFF: `edge-emotion enable` allows a calibration.")
    cv2.setNumThreads(1)  # its pool would take the cores from the readers
    clock = MonotonicClock()
    status = StatusLine()
    devices = Devices(settings, clock, status.say)
    code = 0
    try:
        devices.open()
        status.say(_order(wanted, devices.names))
        agreement = _agreed(_wait(devices, status, clock, wanted, seconds), wanted)
    except EdgeError as error:
        code = error.exit_code
        raise
    finally:
        released = devices.close()
        status.stop()
        if not released:
            atexit.register(_leave, code)
    return Found(agreement, *devices.names)


def _order(wanted: int, names: tuple[str, str]) -> str:
    times = _WORDS.get(wanted, str(wanted))
    return (
        f"clap {times} times, a second apart, hands in view of the camera; let them rest together for a moment each "
        f"time ({names[0]} and {names[1]})"
    )


def _wait(devices: Devices, status: StatusLine, clock: Clock, wanted: int, seconds: float) -> Agreement | Shortfall:
    tape = Tape()
    next_ns = clock.now_ns() + _LOOK_EVERY_NS
    limit_ns = clock.now_ns() + round(seconds * NS_PER_S)
    while True:
        over = devices.ended or clock.now_ns() >= limit_ns
        frames, chunks = devices.read(0.0 if over else _WAIT_S)
        if devices.reopened.is_set():
            devices.reopened.clear()
            tape = Tape()
        for frame in frames:
            tape.add_frame(frame)
        for chunk in chunks:
            tape.add_chunk(chunk)
        if not is_enabled():
            raise EdgeError("Nothing was calibrated: recognition has been switched off (edge-emotion enable).")
        if not over and clock.now_ns() < next_ns:
            continue
        next_ns = clock.now_ns() + _LOOK_EVERY_NS
        verdict = _look(tape, status, wanted, (limit_ns - clock.now_ns()) / NS_PER_S)
        if over or (isinstance(verdict, Agreement) and _settled(verdict, tape)):
            return verdict


def _look(tape: Tape, status: StatusLine, wanted: int, left_s: float) -> Agreement | Shortfall:
    heard, seen = tape.heard(), tape.seen()
    verdict = agree(heard, seen, wanted)
    agreeing = len(verdict.pairs) if isinstance(verdict, Agreement) else verdict.agreeing
    status.waiting(Progress(len(heard), len(seen), agreeing, wanted, left_s))
    return verdict


def _settled(agreement: Agreement, tape: Tape) -> bool:
    last = agreement.pairs[-1]
    return tape.end_ns is not None and tape.end_ns - max(last.seen_ns, last.heard_ns) > _SETTLED_NS


def _agreed(verdict: Agreement | Shortfall, wanted: int) -> Agreement:
    if isinstance(verdict, Shortfall):
        raise EdgeError(missing(verdict, wanted))
    return verdict


def missing(shortfall: Shortfall, wanted: int) -> str:
    """One sentence: what was missing, and how to mend it."""
    counts = f"{shortfall.heard} heard, {shortfall.seen} seen, {shortfall.agreeing} of {wanted} agreeing"
    return {
        "neither": "No clap was seen or heard: clap in view of the camera and near the microphone.",
        "not heard": f"No clap was heard ({counts}): clap louder, or check the microphone with edge-emotion devices.",
        "not seen": f"No clap was seen ({counts}): hold your hands into the picture, with light on them.",
        "apart": f"No clap was both seen and heard ({counts}): clap {wanted} times, loud and in view of the camera.",
        "too few": f"Too few claps ({counts}): clap {wanted} times, a second apart, both loud and in the picture.",
        "disagree": f"The claps disagree ({counts}): clap again, slowly, with nothing else moving.",
        "crowded": f"Too much else sounded or moved between the claps ({counts}): clap where it is quiet and still.",
        "ambiguous": f"The claps fit two different lags ({counts}): clap again, at uneven distances.",
    }[shortfall.lack]


def _leave(code: int) -> None:
    """A device driver still holds a thread: an ordinary exit would abort under its feet."""
    logging.shutdown()
    os._exit(code)
