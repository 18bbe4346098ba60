"""The daemon: builds everything, starts sinks before sources, and stops the same in reverse."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Sequence

import cv2

from edge.accelerator.assembly import assembled
from edge.audience import Audience
from edge.clock import NS_PER_S, MonotonicClock
from edge.config import Settings
from edge.device_change import device_parts
from edge.errors import DeviceError, EdgeError, UsageError
from edge.features.face import make_detector
from edge.features.face_features import FaceFeatures
from edge.features.sound_features import SoundFeatures
from edge.infer.card import load_card
from edge.infer.student import Student
from edge.log_level import set_level
from edge.memory import Allocator
from edge.notify import ServiceManager
from edge.pace import Pace
from edge.pipeline import Parts, Pipeline
from edge.privacy import PrivacySwitch
from edge.publish.message import RunIdentity
from edge.publish.sink import Sink
from edge.reload import Part, Reload
from edge.samples import Result
from edge.service_report import ServiceReport
from edge.signals import Signals
from edge.sources import sources_of
from edge.stats import Stats
from edge.statuses import Statuses
from edge.suspend import SuspendWatch
from edge.sync.aligner import Aligner

LOOK_EVERY_S = 0.2
STATS_EVERY_NS = 10 * NS_PER_S
FIRST_STATS_NS = 2 * NS_PER_S
CHUNKS_HZ = 1000.0

_log = logging.getLogger("edge.daemon")


def run(settings: Settings, observers: Sequence[Sink] = (), again: Callable[[], Settings] | None = None) -> int:
    """Run in the foreground until SIGINT, SIGTERM, SIGHUP, the end of a file, or `duration`; gives the exit code.

    `observers` are told every result beside the sinks that the settings ask for. `again` reads the settings once more:
    where a service manager has started this, SIGHUP asks for that instead.
    Raises UsageError when nothing can ever be seen or heard, DeviceError when a demanded device is missing.
    """
    manager = ServiceManager(MonotonicClock())
    with Signals(reloads=again is not None and manager.there) as signals:
        manager.status("starting")
        daemon = Daemon(settings, observers, again)
        status = daemon.run(signals.stop, signals.reload)
    if not daemon.stopped:
        _leave(status)
    return status


def _leave(status: int) -> None:
    """A device driver still holds a thread: an ordinary exit would wait for it, or abort under its feet."""
    _log.warning("a device does not answer; leaving without it")
    logging.shutdown()
    os._exit(status)


class Daemon:
    """One run of one camera and one microphone."""

    def __init__(
        self, settings: Settings, observers: Sequence[Sink] = (), again: Callable[[], Settings] | None = None
    ) -> None:
        cv2.setNumThreads(1)  # its pool would take every core for pictures this small
        self._settings = settings
        self._clock = MonotonicClock()
        self._switch = PrivacySwitch(self._turn)
        video, audio = sources_of(settings)
        if video is None and audio is None:
            raise UsageError("Camera and microphone are both 'none': name one, like --camera 0 or --mic default.")
        card = load_card()
        identity = RunIdentity.fresh(settings.device_id, card.sha256[:8])
        self._audience = Audience(settings, identity, self._switch.wish, observers)
        chunks_hz = CHUNKS_HZ / settings.audio.chunk_ms
        fields = {"EDGE_DEVICE_ID": identity.device, "EDGE_SESSION": identity.session}
        rates_hz = {"frames_hz": settings.video.fps, "chunks_hz": chunks_hz}
        self._statuses = Statuses(self._clock, self._audience.status, **rates_hz, fields=fields)
        self._accelerator = assembled(settings, card, self._statuses.engine, self._clock)
        self._student = Student(card, self._accelerator.engine)
        self._stats = Stats(self._clock)
        self._allocator = Allocator()
        self._allocator.limit()
        self._pace = Pace(settings.load)
        self._suspend = SuspendWatch(self._clock)
        detector = make_detector(settings.video.detector, settings.video.yunet_model)
        parts = Parts(
            video=video,
            audio=audio,
            face_features=FaceFeatures(detector, self._student.encode, clock=self._clock),
            sound_features=SoundFeatures(denoise=settings.audio.denoise),
            aligner=Aligner(audio_offset_ms=settings.sync.audio_offset_ms),
            student=self._student,
        )
        self.pipeline = Pipeline(
            parts, self._clock, self._statuses.video, self._statuses.audio, self._on_result, self._audience.on_seen
        )
        reload = Reload(settings, again or (lambda: settings), self._reloadable())
        self._report = ServiceReport(self._clock, self._statuses, self._audience.uplink, reload)

    def run(self, stop: threading.Event, reload: threading.Event | None = None) -> int:
        """Everything from the first status to `stopped`; `reload` asks for the settings to be read again."""
        with contextlib.ExitStack() as ending:  # the last one first, each whatever becomes of the others
            ending.callback(self._audience.stop)
            ending.callback(self._student.deactivate)
            ending.callback(self.pipeline.stop)
            ending.callback(self._accelerator.stop)  # before the judge, who may wait for a GPU that hangs
            ending.callback(self._report.stopping)
            self._audience.start()
            self._switch.tell()
            self._student.activate()
            self._accelerator.start()
            self._tell_beginning()
            if self._settings.require_devices and self._switch.on:
                self._open_demanded()
            self.pipeline.start()
            self._watch(stop, reload or threading.Event())
        return self._verdict()

    @property
    def stopped(self) -> bool:
        """Whether no thread is left that a driver holds."""
        return self.pipeline.stopped and self._accelerator.stopped

    def _reloadable(self) -> list[Part]:
        uplink, lag = self._audience.uplink, self.pipeline.aligner.lag
        return [
            Part(frozenset({"broker", "mqtt", "homeassistant"}), uplink.change, uplink.can_change, uplink.needs_change),
            Part(frozenset({"log_level"}), lambda settings: set_level(settings.log_level)),
            Part(frozenset({"load"}), lambda settings: self._pace.apply(settings.load)),
            Part(frozenset({"sync"}), lambda settings: lag.fix(settings.sync.audio_offset_ms)),
            *device_parts(self._settings, self.pipeline.feeds),
        ]

    def _watch(self, stop: threading.Event, reload: threading.Event) -> None:
        """The main thread: end of the run, the switch on disk, stats, and the state while no results come."""
        began_ns = self._clock.now_ns()
        next_stats_ns = began_ns + FIRST_STATS_NS
        limit_ns = None if self._settings.duration is None else began_ns + int(self._settings.duration * NS_PER_S)
        while not stop.wait(LOOK_EVERY_S) and not self.pipeline.finished() and not self._audience.left():
            now_ns = self._clock.now_ns()
            if limit_ns is not None and now_ns >= limit_ns:
                return
            if reload.is_set():
                reload.clear()
                self._report.reload()
            self._switch.follow()
            self._audience.idle(now_ns)
            self._wake_up()
            self._keep_pace(now_ns)
            self._tell_manager()
            self._allocator.step(now_ns, self._statuses.changes)
            if now_ns >= next_stats_ns:
                next_stats_ns = now_ns + STATS_EVERY_NS
                counts = self._audience.uplink.counts()
                streams = (self._statuses.video, self._statuses.audio)
                self._audience.stats(self._stats.message(self.pipeline, *streams, self._pace, counts))

    def _on_result(self, result: Result) -> None:
        latency_ms = self._audience.result(result, self._clock.now_ns())
        self._stats.saw(result, latency_ms)

    def _wake_up(self) -> None:
        """After a sleep everything begins afresh: what is remembered is old, and the devices may have gone."""
        happened = self._suspend.step(stage.beat_ns for stage in self.pipeline.stages)
        if happened is not None:
            _log.warning("%s: starting afresh", happened)
            self._pace.renewed(self._clock.now_ns())
            self.pipeline.afresh()
            self._audience.forget()

    def _keep_pace(self, now_ns: int) -> None:
        """Less work while the board is hot or the machine busy."""
        if self._pace.step(now_ns, self.pipeline.ticks):
            self.pipeline.ease(self._pace.level)
            self._statuses.engine.complain("pace", self._pace.words)

    def _tell_manager(self) -> None:
        ready = bool(self.pipeline.answers.told) or not self._switch.on
        self._report.step(self.pipeline.stages, ready=ready, building=self._accelerator.building)

    def _tell_beginning(self) -> None:
        """What the topics say until a device answers: an earlier run may have left them at `online`."""
        wishes = ((self._settings.camera, self._statuses.video), (self._settings.mic, self._statuses.audio))
        for wish, status in wishes:
            if wish == "none":
                status.become("disabled", reason="none")
            else:
                self._audience.status(status.name, "offline", {"reason": "it has not been opened yet"})

    def _open_demanded(self) -> None:
        try:
            self.pipeline.open_devices()
        except UsageError:
            raise
        except EdgeError as error:
            raise DeviceError(str(error)) from error

    def _turn(self, on: bool) -> None:
        self.pipeline.enable(on)
        self._audience.enabled(on)

    def _verdict(self) -> int:
        """A run in which nothing at all could be had is told as an error, once, with the reasons."""
        ended = self.pipeline.finished()
        if ended and not self._statuses.ever_online:
            raise UsageError("; ".join(self._statuses.reasons))
        return 0
