"""One `edge-emotion record`, from the privacy switch to the last of its three files."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import cv2

from edge.capture import media
from edge.capture.clip_stamps import read_stamps
from edge.clock import NS_PER_S, MonotonicClock
from edge.config import Settings, enabled_file, is_enabled
from edge.errors import DeviceError, EdgeError
from edge.features.face import make_detector
from edge.infer.card import load_card
from edge.record.describe import describe
from edge.record.files import RecordingFiles, partial
from edge.record.header import Header, Origin
from edge.record.recorder import Orders, Recorder
from edge.record.status_line import StatusLine
from edge.record.take import Take
from edge.sources import sources_of


@dataclass(frozen=True)
class Outcome:
    """`header` is what was written; `code` the exit code: 0 unless a device was lost."""

    header: Header
    code: int


def record(settings: Settings, take: Take, files: RecordingFiles) -> Outcome:
    """Record in the foreground until SIGINT, SIGTERM, SIGHUP, `duration`, the end of a file, or a lost device.

    A second signal ends the look at the finished clip early; its table then stops there. Raises EdgeError where
    nothing could be recorded, or the files could not be written to their end.
    """
    if not is_enabled():
        raise EdgeError(f"The privacy switch {enabled_file()} is OFF: `edge-emotion enable` allows a recording.")
    cv2.setNumThreads(1)  # its pool would take the cores from the encoder
    detector = make_detector(settings.video.detector, settings.video.yunet_model)
    origin = Origin(settings.device_id, load_card().sha256[:8], detector.name)
    stop, hurry = threading.Event(), threading.Event()
    recorder = _recorder(settings, files, stop)
    status = StatusLine()
    code = 0
    try:
        with _signals(stop, hurry):
            files.begin()
            _capture(recorder, files, status)
            stop.set()  # from here on a signal means: hurry
            status.begin_aligning(recorder.seconds)
            made = describe(settings, take, files, recorder, origin, detector, _unless(hurry, status))
        if recorder.ending == "device lost":
            code = DeviceError.exit_code if settings.require_devices else 1
    except EdgeError as error:
        code = error.exit_code
        raise
    finally:
        status.stop()
        if recorder.writer is None:
            files.forget()
        if recorder.hangs:
            atexit.register(_leave, code)
    return Outcome(made, code)


def _leave(code: int) -> None:
    """A device driver still holds a thread: an ordinary exit would abort under its feet."""
    logging.shutdown()
    os._exit(code)


@contextmanager
def _signals(stop: threading.Event, hurry: threading.Event) -> Iterator[None]:
    def heard(_number: int, _frame: FrameType | None) -> None:
        (hurry if stop.is_set() else stop).set()

    wanted = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup wants it ignored
        wanted.append(signal.SIGHUP)
    before = {number: signal.signal(number, heard) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _unless(hurry: threading.Event, status: StatusLine) -> Callable[[float], bool]:
    def go_on(seconds: float) -> bool:
        status.aligning(seconds)
        return not hurry.is_set()

    return go_on


def _recorder(settings: Settings, files: RecordingFiles, stop: threading.Event) -> Recorder:
    video, audio = sources_of(settings)
    orders = Orders(stop, settings.duration, settings.require_devices, is_enabled)
    return Recorder(video, audio, files, orders, MonotonicClock())


def _capture(recorder: Recorder, files: RecordingFiles, status: StatusLine) -> None:
    def begun() -> None:
        names = [one.source.name for one in (recorder.video, recorder.audio) if one is not None and one.buffer.received]
        status.say(f"recording {' and '.join(names)} into {files.clip}; Ctrl-C ends it")
        for sentence in recorder.absent:
            status.say(f"recording without it: {sentence}")

    recorder.run(status.recording, begun)
    if recorder.ending == "cannot be written":
        raise EdgeError(f"{recorder.reason}: {_rescued(files)}")
    if recorder.reason is not None:
        status.say(f"the recording ends here: {recorder.reason}")
    try:
        files.keep_clip()
    except OSError as error:
        raise EdgeError(
            f"The clip cannot be named {files.clip} ({error.strerror}): it is in {partial(files.clip)}."
        ) from error


def _rescued(files: RecordingFiles) -> str:
    """Keep as much of a clip that could not be finished as can be read, and say what became of it."""
    unfinished = partial(files.clip)
    try:
        next(media.frames(unfinished) if media.probe(unfinished).has_video else media.chunks(unfinished))
        stamps = read_stamps(unfinished)
        files.keep_clip()
    except (EdgeError, OSError, StopIteration):
        unfinished.unlink(missing_ok=True)
        return "nothing of it can be read, so it was removed; make room and record again, .mkv keeps what there is."
    last_ns = max(int(one[-1]) for one in (stamps.video_ns, stamps.sound_ns) if len(one))
    return f"its first {last_ns / NS_PER_S:.1f} s are kept, without header and table; make room and record again."
