"""The real pipeline on the built-in clip: real threads, features and student, with taps where a test interferes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from edge.capture.media import probe
from edge.capture.replay import FileAudio, FileVideo, Pace
from edge.clock import MonotonicClock
from edge.features.face import make_detector
from edge.features.face_features import FaceFeatures
from edge.features.sound_features import SoundFeatures
from edge.health import StreamHealth
from edge.pipeline import Parts, Pipeline
from edge.samples import Result
from edge.sync.aligner import Aligner

LIMIT_S = 60.0


class Tapped:
    """A source whose samples go through `change`, which may return another sample, or None to lose it."""

    def __init__(self, source: Any, *, live: bool = True) -> None:
        self.change: Callable[[Any], Any] = lambda item: item
        self.live = live
        self.name = "tapped"
        self.stamp_kind = "driver"
        self.open, self.close, self.presence, self.overflows = source.open, source.close, source.presence, 3
        self._source = source

    def read(self, timeout_s: float) -> Any:
        item = self._source.read(timeout_s)
        return None if item is None else self.change(item)


class Gate:
    """Stands before a call: while it is shut the caller waits."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self._open = threading.Event()
        self._open.set()

    def __call__(self, *args: Any) -> Any:
        self._open.wait()
        return self._call(*args)

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()


class Rig:
    """A pipeline that keeps what it publishes. A context manager: the pipeline runs inside."""

    def __init__(self, clip, student, *, video=True, audio=True, loop=True, live=True) -> None:
        pace = Pace(probe(clip).duration_s)
        self.video = Tapped(FileVideo(clip, pace, loop=loop), live=live) if video else None
        self.audio = Tapped(FileAudio(clip, pace, loop=loop), live=live) if audio else None
        self.clock = MonotonicClock()
        self.judging = Gate(student.judge)
        self.results: list[Result] = []
        self.told: list[tuple[str, str, str | None]] = []
        self._answered = threading.Condition()
        judge = _Judge(self.judging)
        detector = make_detector()
        self.looking = Gate(detector.detect)
        detector.detect = self.looking
        parts = Parts(
            video=self.video,
            audio=self.audio,
            face_features=FaceFeatures(detector, student.encode),
            sound_features=SoundFeatures(),
            aligner=Aligner(audio_offset_ms=0.0),
            student=judge,
        )
        healths = [StreamHealth(name, hz, self._changed) for name, hz in (("video", 30.0), ("audio", 50.0))]
        self.pipeline = Pipeline(parts, self.clock, *healths, self._on_result, lambda _frame: None)

    def __enter__(self):
        self.pipeline.start()
        return self

    def __exit__(self, *_):
        self.judging.open()
        self.looking.open()
        self.pipeline.stop()
        assert self.pipeline.stopped

    def _on_result(self, result: Result) -> None:
        with self._answered:
            self.results.append(result)
            self._answered.notify_all()

    def _changed(self, name, state, detail) -> None:
        self.told.append((name, state, detail.get("reason")))

    def until(self, wanted: Callable[[Result], bool], *, times: int = 1) -> list[Result]:
        """Wait for `times` results from now on that are as wanted; gives all that came meanwhile."""
        with self._answered:
            first = len(self.results)
            done = self._answered.wait_for(lambda: sum(map(wanted, self.results[first:])) >= times, LIMIT_S)
            seen = self.results[first:]
        assert done, [(one.window.tick, len(one.faces), one.window.sync) for one in seen[-10:]]
        return seen

    def ticks(self, count: int) -> list[Result]:
        """The next results."""
        return self.until(lambda _: True, times=count)

    def wait_for(self, fact: Callable[[], bool]) -> None:
        """Wait until something is so."""
        until_s = time.monotonic() + LIMIT_S
        while not fact():
            assert time.monotonic() < until_s, self.results[-1:]
            time.sleep(0.02)

    @property
    def seqs(self) -> list[int]:
        return [result.window.tick for result in self.results]

    def state(self, name: str) -> tuple[str, str | None]:
        """The newest state of a stream and its reason."""
        return [(state, reason) for told, state, reason in self.told if told == name][-1]


class _Judge:
    """Stands in the student's place."""

    def __init__(self, judge: Gate) -> None:
        self.judge = judge


def has_face(result: Result) -> bool:
    return bool(result.faces)


def normal(result: Result) -> bool:
    """Judged, with everything there."""
    sync = result.window.sync
    return has_face(result) and not sync.deadline_missed and sync.interpolated_video == sync.interpolated_audio == 0.0


def missed(result: Result) -> bool:
    return result.window.sync.deadline_missed
