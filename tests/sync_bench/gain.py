"""What alignment buys: the shipped student's fused verdict on labelled clips whose sound is late or early."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge.capture import media
from edge.clock import NS_PER_S, MonotonicClock
from edge.infer.card import load_card
from edge.infer.student import Student
from edge.infer.utterance import LEAST_VOICE
from edge.samples import FaceFrame, Window
from edge.sync.aligner import Aligner
from engines.progress import progress
from tests.sync_bench.clips import Clip
from tests.sync_bench.stream import Piece, Stream, hear, joined, picture, speech_stamps, waves
from tests.sync_bench.studio import Studio
from tests.sync_bench.switches import without_dtw
from tests.sync_bench.table import Table, hundredths, percent
from tests.sync_bench.walk import Tick, Walk

SHIFTS_MS = (0, -45, 45, -80, 80, -125, 125, -200, 200, -500, 500)
FEW_SHIFTS_MS = (0, 200)
ROUNDS = 2
"""The clips come twice: in the first round the lag is found, in the second the student is judged."""
RESAMPLES = 2000
Floats64 = NDArray[np.float64]


@dataclass(frozen=True)
class Alignment:
    """One way to bring sound and picture together."""

    name: str
    told: bool = False
    """Whether the true lag is set by hand."""
    found: bool = False
    """Whether the estimator finds it."""
    dtw: bool = False

    def aligner(self, shift_ms: float) -> Aligner:
        """A fresh one; without alignment its lag is fixed at 0."""
        if self.found:
            return Aligner()
        return Aligner(audio_offset_ms=float(shift_ms) if self.told else 0.0)

    def switched(self) -> AbstractContextManager[None]:
        """While this holds, DTW is on or off."""
        return nullcontext() if self.dtw else without_dtw()


ALIGNMENTS = (
    Alignment("none"),
    Alignment("lag, estimated", found=True),
    Alignment("lag, estimated, + DTW", found=True, dtw=True),
    Alignment("lag, told", told=True),
    Alignment("lag, told, + DTW", told=True, dtw=True),
)


class Jury:
    """The shipped student over windows in which the one face owns the voice."""

    def __init__(self) -> None:
        self._student = Student(load_card())
        self._student.activate()
        self.encode = self._student.encode

    def log_probabilities(self, window: Window) -> Floats64 | None:
        """(7,) of the fused verdict of one window; None where there is no face or no speech in it."""
        if not window.faces or window.voice < LEAST_VOICE:
            return None
        owning = replace(window, faces=(replace(window.faces[0], speaking=True), *window.faces[1:]))
        verdict = self._student.judge(owning, MonotonicClock()).faces[0]
        if verdict.basis != "fused":
            return None
        return np.log(np.maximum(verdict.verdict.probabilities.astype(np.float64), 1e-6))


def gain_tables(studio: Studio, *, quick: bool) -> list[Table]:
    """Accuracy, and the mean log-probability of the right label, which says more than 20 clips' hits."""
    jury = Jury()
    people = {name: clips for name, clips in studio.people.items() if clips[0].label is not None}
    alignments = ALIGNMENTS[:3] if quick else ALIGNMENTS
    shifts = FEW_SHIFTS_MS if quick else SHIFTS_MS
    streams = {name: _stream(studio, jury, clips) for name, clips in people.items()}
    said: dict[tuple[str, int], Floats64] = {}
    for alignment in progress(alignments, "what alignment buys"):
        for shift_ms in shifts:
            parts = [_of_clips(jury, *streams[name], alignment, shift_ms) for name in people]
            said[alignment.name, shift_ms] = np.concatenate(parts)
    labels = np.array([clip.label for clips in people.values() for clip in clips])
    table = Table(
        "gain",
        "What alignment buys",
        ("alignment", *_columns()),
        f"{len(labels)} clips of {len(people)} people, sound shifted by {_span(shifts)}; log p: mean natural logarithm "
        "of the right label's probability; gain: against no alignment, 95 % bootstrap over clips",
    )
    for alignment in alignments:
        _add(table, alignment.name, {shift: said[alignment.name, shift] for shift in shifts}, said, labels)
    return [table]


def _columns() -> tuple[str, ...]:
    return (
        "accuracy in step %",
        "log p in step",
        "accuracy shifted %",
        "UAR shifted %",
        "log p shifted",
        "gain log p shifted",
        "log p at ±500",
    )


def _stream(studio: Studio, jury: Jury, clips: Sequence[Clip]) -> tuple[Stream, list[Piece]]:
    def see(clip: Clip) -> list[FaceFrame]:
        return studio.sights.remembered(f"{clip.name}-embedded", media.frames(clip.path), jury.encode)

    pieces = joined(list(clips) * ROUNDS)
    runs = hear(waves(pieces))
    return Stream(picture(pieces, see), runs, speech_stamps(runs)), pieces


def _of_clips(jury: Jury, stream: Stream, pieces: Sequence[Piece], alignment: Alignment, shift_ms: int) -> Floats64:
    """(clips, 7): each clip's mean log-probabilities, over its windows in the last round."""
    last = pieces[-(len(pieces) // ROUNDS) :]
    said: list[list[Floats64]] = [[] for _ in last]
    with alignment.switched():
        for tick in Walk(stream.shifted(shift_ms), alignment.aligner(shift_ms)).ticks():
            place = next((k for k, piece in enumerate(last) if _inside(tick, piece)), None)
            logs = None if place is None else jury.log_probabilities(tick.window)
            if place is not None and logs is not None:
                said[place].append(logs)
    even = np.full(7, -np.log(7))
    return np.stack([np.mean(logs, axis=0) if logs else even for logs in said])


def _inside(tick: Tick, piece: Piece) -> bool:
    """Whether the window's second lies in the clip: all of it but what a lag takes away."""
    return piece.begin_ns + NS_PER_S <= tick.end_ns <= piece.end_ns


def _add(
    table: Table,
    name: str,
    own: dict[int, Floats64],
    said: dict[tuple[str, int], Floats64],
    labels: NDArray[np.int64],
) -> None:
    shifted = [shift for shift in own if shift]
    rows = np.arange(len(labels))
    plain = np.mean([said["none", shift][rows, labels] for shift in shifted], axis=0)
    logs = np.mean([own[shift][rows, labels] for shift in shifted], axis=0)
    hits = np.array([own[shift].argmax(axis=1) == labels for shift in shifted])
    far = [own[shift][rows, labels].mean() for shift in shifted if abs(shift) == 500]
    table.add(
        name,
        percent(float((own[0].argmax(axis=1) == labels).mean())),
        hundredths(float(own[0][rows, labels].mean())),
        percent(float(hits.mean())),
        percent(float(np.mean([hits[:, labels == label].mean() for label in np.unique(labels)]))),
        hundredths(float(logs.mean())),
        "–" if name == "none" else interval(logs - plain),
        hundredths(float(np.mean(far))) if far else None,
    )


def interval(gains: Floats64) -> str:
    """The mean of paired differences with its 95 % percentile bootstrap interval."""
    drawn = np.random.default_rng(8).integers(len(gains), size=(RESAMPLES, len(gains)))
    low, high = np.percentile(gains[drawn].mean(axis=1), [2.5, 97.5])
    return f"{gains.mean():+.2f} ({low:+.2f} … {high:+.2f})"


def _span(shifts_ms: Sequence[int]) -> str:
    return ", ".join(f"{shift_ms:+d}" for shift_ms in shifts_ms if shift_ms) + " ms"
