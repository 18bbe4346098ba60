"""Who hands what to whom: camera → faces, microphone → sound, both → ticks → judge → the daemon."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from edge.answers import Answers, Tick
from edge.capture.source import AudioSource, VideoSource
from edge.clock import NS_PER_MS, NS_PER_S, Clock
from edge.features.face_features import FaceFeatures
from edge.features.sound_features import SoundFeatures
from edge.feeds import Feeds
from edge.flight import Flight
from edge.health import StreamHealth
from edge.infer.student import Student
from edge.samples import Frame, Result
from edge.sparing import Sparing
from edge.stage import Stage
from edge.strain import Ticks
from edge.sync.aligner import Aligner
from edge.sync.closing import Closing, Need
from edge.sync.grids import HALF_ANALYSIS_NS, grids
from edge.ticker import Ticker, period_ns

WAIT_S = 0.2
GIVE_UP_NS = 200 * NS_PER_MS
"""After T: a tick whose result is not there by now is answered without it, and has 10 ms left to be told."""
LAG_EVERY_NS = NS_PER_S
JOIN_S = 3.0
DEVICE_LIMIT_S = 20.0
"""Opening a device, and giving one up that does not answer, have limits of their own below this."""


@dataclass(frozen=True)
class Parts:
    """The plain objects that the stages step. A source is None when the user wants none of its kind."""

    video: VideoSource | None
    audio: AudioSource | None
    face_features: FaceFeatures
    sound_features: SoundFeatures
    aligner: Aligner
    student: Student


class Pipeline:
    """Owns the buffers and the stages. `on_result` is called from the tick stage, `on_seen` from the face stage."""

    def __init__(
        self,
        parts: Parts,
        clock: Clock,
        video_health: StreamHealth,
        audio_health: StreamHealth,
        on_result: Callable[[Result], None],
        on_seen: Callable[[Frame], None],
    ) -> None:
        self.frames_skipped = 0
        """Pictures that nobody looked at, because a newer one was there."""
        self.answers = Answers(on_result)
        self.feeds = Feeds(clock)
        self.frames, self.chunks = self.feeds.frames, self.feeds.chunks
        self.flight: Flight[Tick, Result] = Flight(clock)
        self.aligner = parts.aligner
        self.ticker = Ticker(clock.now_ns())
        self._parts = parts
        self._clock = clock
        self._on_seen = on_seen
        self._closing = Closing(clock)
        self._aligning = threading.Lock()
        self._running = threading.Event()
        self._running.set()
        self._forgetting = threading.Event()
        self._sound_anew = threading.Event()
        self._faces_anew = threading.Event()
        self._sparing = Sparing()
        self._next_lag_ns = 0
        self._stages: list[Stage] = []
        if parts.video is not None:
            self.feeds.see(parts.video, video_health, self._video_opened)
        if parts.audio is not None:
            self.feeds.hear(parts.audio, audio_health, self._audio_opened)
        self.aligner.expect_video = self.feeds.video is not None
        self.aligner.expect_sound = self.feeds.audio is not None

    def open_devices(self) -> None:
        """Open the devices now. Raises the first one's error; without this call the stages open them."""
        for feed in self.feeds:
            feed.open()

    def start(self) -> None:
        """Start consumers before producers."""
        self.ticker = Ticker(self._clock.now_ns())
        stages = [
            Stage("judge", self._judge, self._clock),
            Stage("ticks", self._tick, self._clock, pause_s=0.0),
        ]
        if self.feeds.audio is not None:
            stages.append(Stage("sound", self._hear, self._clock))
            stages.append(Stage("microphone", self.feeds.audio.step, self._clock, limit_s=DEVICE_LIMIT_S))
        if self.feeds.video is not None:
            stages.append(Stage("faces", self._look, self._clock))
            stages.append(Stage("camera", self.feeds.video.step, self._clock, limit_s=DEVICE_LIMIT_S))
        self._stages = stages
        for stage in stages:
            stage.start()

    def stop(self) -> None:
        """Stop producers before consumers and release the devices."""
        for stage in reversed(self._stages):
            stage.stop()
        for feed in self.feeds:
            feed.wake()
        self.frames.close()
        self.chunks.close()
        self.flight.close()
        deadline_ns = self._clock.now_ns() + int(JOIN_S * NS_PER_S)
        for stage in reversed(self._stages):
            stage.join(max(0.0, (deadline_ns - self._clock.now_ns()) / NS_PER_S))
        self._stages = [stage for stage in self._stages if not stage.join(0.0)]
        held = {stage.name for stage in self._stages}
        if self.feeds.video is not None and "camera" not in held:
            self.feeds.video.close()
        if self.feeds.audio is not None and "microphone" not in held:
            self.feeds.audio.close()

    @property
    def stopped(self) -> bool:
        """Whether no stage is left running (or was ever started)."""
        return not self._stages

    def enable(self, enabled: bool) -> None:
        """The privacy switch: release the devices and stop answering ticks, or take them back."""
        if enabled:
            self._running.set()
        else:
            self._running.clear()
            self._forgetting.set()
        for feed in self.feeds:
            feed.want(enabled)

    @property
    def stages(self) -> list[Stage]:
        """The running stages, for whoever watches their pulse."""
        return list(self._stages)

    def afresh(self) -> None:
        """The machine has slept: what was seen and heard is old, and the devices may be gone."""
        for feed in self.feeds:
            feed.renew()
        self._faces_anew.set()
        self._forgetting.set()

    def ease(self, level: int) -> None:
        """The pace: 0 is all, from 1 on every other picture is looked at, and less closely; 2: ticks farther apart."""
        self._sparing.on = level > 0
        self._parts.face_features.thrift = 2.0 if level > 0 else 1.0
        self.ticker.period_ns = period_ns(level)

    @property
    def ticks(self) -> Ticks:
        """How many ticks there were so far, and how many of them the judge missed."""
        skipped = self.ticker.missed
        return Ticks(self.answers.told + self.answers.history + skipped, self.answers.deadline_misses + skipped)

    def finished(self) -> bool:
        """Whether every file was played to its end and the windows up to there are out."""
        end_ns = self.feeds.end_ns
        return end_ns is not None and self.ticker.end_ns > end_ns

    def _video_opened(self) -> None:
        with self._aligning:
            self.aligner.reset_video()

    def _audio_opened(self) -> None:
        self._sound_anew.set()
        with self._aligning:
            self.aligner.reset_sound()

    def _look(self) -> None:
        """The newest frame only, if it is wanted; the buffer keeps no backlog of work."""
        frames = self.frames.swap(WAIT_S)
        if not frames:
            return
        wanted = self._sparing.wants(frames[-1].t_ns, len(frames))
        self.frames_skipped += len(frames) - wanted
        if not wanted:
            self._closing.reached("video", frames[-1].t_ns)
            return
        if self._faces_anew.is_set():
            self._faces_anew.clear()
            self._parts.face_features.forget()
        seen = self._parts.face_features.step(frames[-1])
        with self._aligning:
            self.aligner.add_faces(seen)
        self._closing.reached("video", seen.t_ns)
        self._on_seen(frames[-1])

    def _hear(self) -> None:
        """All chunks: a hole in the sound costs more than a hole in the picture."""
        for chunk in self.chunks.swap(WAIT_S):
            if self._sound_anew.is_set():
                self._sound_anew.clear()
                self._parts.sound_features.reset()
            run = self._parts.sound_features.step(chunk)
            if run is not None and len(run.t_ns):
                with self._aligning:
                    self.aligner.add_sound(run)
                self._closing.reached("audio", int(run.t_ns[-1]) + HALF_ANALYSIS_NS)

    def _tick(self) -> None:
        """Answer the current tick: by the judge, if its result comes in time, and else by what was last known."""
        if self._forgetting.is_set():
            self._forgetting.clear()
            self.answers.forget()
        if not self._running.is_set():
            self._clock.sleep_until_ns(self._clock.now_ns() + int(WAIT_S * NS_PER_S))
            self.ticker.advance(self._clock.now_ns())
            return
        tick = Tick(self.ticker.tick, self.ticker.end_ns)
        self._clock.sleep_until_ns(tick.end_ns)
        # The later a window closes the more is in it, but the judge needs some of the time.
        latest_ns = tick.end_ns + GIVE_UP_NS - self.flight.usual_ns
        self._closing.wait(tick.end_ns, lambda: self._needs(tick.end_ns), latest_ns)
        result = self.flight.fly(tick, tick.end_ns + GIVE_UP_NS)
        try:
            if not self._forgetting.is_set() and (result is not None or not self.flight.closed):
                self.answers.tell(tick, result, self._clock.now_ns())
        finally:
            self.ticker.advance(self._clock.now_ns())

    def _needs(self, end_ns: int) -> list[Need]:
        """The streams that are worth waiting for, and how far each must come."""
        at = grids(end_ns, self.aligner.lag.applied_ms)
        needs = []
        if self.feeds.video_awaited:
            needs.append(Need("video", at.video_end_ns, self.aligner.video_arrival.closing_ms))
        if self.feeds.audio_awaited:
            needs.append(Need("audio", at.sound_end_ns, self.aligner.sound_arrival.closing_ms))
        return needs

    def _judge(self) -> None:
        """Make the window of the tick that waits, and judge it; then there is time to look at the lag."""
        tick = self.flight.take(WAIT_S)
        if tick is None:
            return
        with self._aligning:
            window = self.aligner.window(tick.number, tick.end_ns, self._clock.now_ns())
        tick.window = window
        self.flight.land(tick, self._parts.student.judge(window, self._clock))
        if tick.end_ns >= self._next_lag_ns:
            self._next_lag_ns = tick.end_ns + LAG_EVERY_NS
            with self._aligning:
                self.aligner.estimate_lag(tick.end_ns)
