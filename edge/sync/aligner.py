"""One window per tick: both streams on one time base, with what was late filled in and marked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_MS
from edge.samples import (
    FEATURE_SIZE,
    Face,
    FaceFrame,
    FaceWindow,
    Floats,
    SoundFrames,
    Sync,
    Window,
)
from edge.sync.arrival import ArrivalDelay
from edge.sync.dtw import Warp
from edge.sync.grids import HALF_ANALYSIS_NS, WINDOW_NS, Grids, grids
from edge.sync.interpolate import Resampled, at_grid, distance_to_nearest, linear
from edge.sync.lag import PERSON_LEAD_MS, LagEstimator
from edge.sync.owner import Ownership, gather, path_of
from edge.sync.signals import CHANNEL_COUNT, VOICE_PROBABILITY
from edge.sync.speaker import SPEAKER_SPAN_S, SpeakerChooser
from edge.sync.tracks import FaceHistory, SoundHistory, of_track, present

DEADLINE_MS = 200.0
CLOSING_SLACK_MS = 10.0
VIDEO_NEAR_NS = 60 * NS_PER_MS
SOUND_NEAR_NS = 15 * NS_PER_MS
LAG_SPAN_S = 10.0
LEAD_NS = 250 * NS_PER_MS


class Aligner:
    """Takes feature frames as they come (`add_faces`, `add_sound`), gives windows when asked (`window`).

    `expect_video` and `expect_sound` say which streams the closing time and the deadline wait for.
    """

    def __init__(self, *, audio_offset_ms: float | None = None) -> None:
        self.faces = FaceHistory()
        self.sound = SoundHistory()
        self.video_arrival = ArrivalDelay()
        self.sound_arrival = ArrivalDelay()
        self.lag = LagEstimator(audio_offset_ms)
        self.speaker = SpeakerChooser()
        self.ownership = Ownership()
        """Whose voice the newest window's was, and the path that was found for it."""
        self.expect_video = True
        self.expect_sound = True

    def add_faces(self, frame: FaceFrame) -> None:
        """One looked-at frame."""
        self.faces.add(frame)
        self.video_arrival.add(frame.t_ns, frame.ready_ns)

    def add_sound(self, run: SoundFrames) -> None:
        """A run of sound feature frames."""
        if len(run.t_ns) == 0:
            return
        self.sound.add(run)
        self.sound_arrival.add(int(run.t_ns[-1]) + HALF_ANALYSIS_NS, run.ready_ns)

    def reset_video(self) -> None:
        """The camera was opened again: its delay and lag may be others."""
        self.video_arrival.reset()
        self.lag.reset()

    def reset_sound(self) -> None:
        """The microphone was opened again."""
        self.sound.clear()
        self.sound_arrival.reset()
        self.lag.reset()

    @property
    def closing_ms(self) -> float:
        """How long after T a window closes: the slowest expected stream's delay + 10 ms, never over the deadline."""
        delays = [0.0]
        if self.expect_video:
            delays.append(self.video_arrival.closing_ms)
        if self.expect_sound:
            delays.append(self.sound_arrival.closing_ms)
        return min(max(delays) + CLOSING_SLACK_MS, DEADLINE_MS)

    def window(self, tick: int, end_ns: int, now_ns: int) -> Window:
        """The window that ends at T = `end_ns`, made of whatever is there now."""
        lag_ms = self.lag.applied_ms
        at = grids(end_ns, lag_ms)
        frames = self.faces.between(at.video_end_ns - WINDOW_NS, at.video_end_ns)
        run = self.sound.between(at.sound_end_ns - WINDOW_NS - HALF_ANALYSIS_NS, at.sound_end_ns)
        sound = _sound_values(run, at.sound_ns, self.sound.begun_ns or 0)
        voice, level_db, noise_db = _voice(run)
        owner = self.ownership = self._ownership(end_ns, at)
        path = owner.convincing_path if sound.mask.any() else None
        if path is not None:
            sound = _warped(sound, path)
        faces, interpolated_video = self._faces(frames, at, owner.track)
        newest_ns, oldest_ns = _extremes(frames, run)
        last = frames[-1] if frames else None
        sync = Sync(
            method="dtw" if path is not None else "offset" if lag_ms else "timestamps",
            audio_lag_ms=self.lag.lag_ms,
            audio_lag_ci_ms=self.lag.ci_ms,
            lock=self.lag.lock,
            drift_ppm=self.lag.drift_ppm,
            dtw_shift_ms=0.0 if path is None else path.shift_ms,
            interpolated_video=interpolated_video,
            interpolated_audio=sound.interpolated if self.expect_sound else 0.0,
            waited_ms=(now_ns - end_ns) / NS_PER_MS,
            deadline_missed=now_ns - end_ns > (DEADLINE_MS + CLOSING_SLACK_MS) * NS_PER_MS,
            fallback=owner.fallback,
        )
        return Window(
            start_ns=end_ns - WINDOW_NS,
            end_ns=end_ns,
            tick=tick,
            newest_ns=newest_ns,
            oldest_ns=oldest_ns,
            frame_width=last.width if last else 0,
            frame_height=last.height if last else 0,
            faces=faces,
            sound=sound.values,
            sound_mask=sound.mask,
            voice=voice,
            level_db=level_db,
            noise_db=noise_db,
            sync=sync,
        )

    def _faces(self, frames: list[FaceFrame], at: Grids, owner: int | None) -> tuple[tuple[FaceWindow, ...], float]:
        """Every face that is still there, and how much of the picture had to be filled in."""
        # A little before the window too: the first slots lie between an encoding there and one inside.
        longer = self.faces.between(at.video_end_ns - WINDOW_NS - LEAD_NS, at.video_end_ns)
        windows = []
        for face in present(frames, at.video_end_ns):
            begun_ns = self.faces.begun_ns(face.track) or 0
            values = _embedding_values(of_track(longer, face.track), at.video_ns, begun_ns)
            if values is not None:
                score = round(self.speaker.score(face.track), 3)
                windows.append(FaceWindow(face, values.values, values.mask, face.track == owner, score))
        return tuple(windows), self._interpolated_video(longer, at)

    def _interpolated_video(self, frames: list[FaceFrame], at: Grids) -> float:
        """Share of the window's slots without a picture nearby, whoever is in the pictures."""
        if not frames or not self.faces.frames:
            return float(self.expect_video)
        there = at.video_ns >= self.faces.frames[0].t_ns - VIDEO_NEAR_NS
        seen_ns = np.asarray([frame.t_ns for frame in frames], np.int64)
        return float((there & (distance_to_nearest(seen_ns, at.video_ns) > VIDEO_NEAR_NS)).mean())

    def _ownership(self, end_ns: int, at: Grids) -> Ownership:
        """Whose voice it is, and how its mouth and the sound warp onto each other."""
        evidence = gather(self.faces, self.sound, at.video_end_ns, at.sound_end_ns, SPEAKER_SPAN_S)
        if evidence is None:
            empty = np.zeros((0, CHANNEL_COUNT))
            self.speaker.step(end_ns, {}, empty, np.zeros(0, np.bool_))
            return Ownership()
        owner = self.speaker.step(end_ns, evidence.mouths, evidence.voice, evidence.speech)
        return path_of(owner, evidence, self._lead_ms)

    @property
    def _lead_ms(self) -> float | None:
        """What the estimator finds between mouths and voice and leaves there; None where it has found nothing."""
        if self.lag.lag_ms is None or self.lag.ci_ms is None:
            return None
        return self.lag.lag_ms + PERSON_LEAD_MS - self.lag.applied_ms

    def estimate_lag(self, end_ns: int) -> None:
        """Look once at the last seconds of the mouths and the voice; call about once a second."""
        evidence = gather(self.faces, self.sound, end_ns, end_ns, LAG_SPAN_S)
        if evidence is not None:
            self.lag.step(end_ns, evidence.mouths, evidence.voice, evidence.speech)


def _embedding_values(sights: list[tuple[int, Face]], grid_ns: NDArray[np.int64], begun_ns: int) -> Resampled | None:
    """One track's embeddings at the grid; None when it was never encoded."""
    encoded = [(t_ns, face.embedding) for t_ns, face in sights if face.embedding is not None]
    if not encoded:
        return None
    t_ns = np.asarray([t for t, _ in encoded], np.int64)
    values = np.stack([embedding for _, embedding in encoded]).astype(np.float32)
    seen_ns = np.asarray([t for t, _ in sights], np.int64)
    return at_grid(t_ns, values, seen_ns, grid_ns, near_ns=VIDEO_NEAR_NS, begun_ns=begun_ns)


def _sound_values(run: SoundFrames | None, grid_ns: NDArray[np.int64], begun_ns: int) -> Resampled:
    """The sound's features at the grid."""
    if run is None:
        empty = np.zeros((len(grid_ns), FEATURE_SIZE), np.float32)
        return Resampled(empty, np.zeros(len(grid_ns), np.bool_), 1.0)
    return at_grid(run.t_ns, run.features, run.t_ns, grid_ns, near_ns=SOUND_NEAR_NS, begun_ns=begun_ns)


def _warped(sound: Resampled, path: Warp) -> Resampled:
    """The sound frames moved along the path."""
    steps = np.arange(len(sound.values), dtype=np.int64)
    scale = 1000  # `linear` takes integer positions: thousandths of a frame
    moved: Floats = linear(steps * scale, sound.values, np.round(path.sound_at * scale).astype(np.int64))
    return Resampled(moved, sound.mask, sound.interpolated)


def _voice(run: SoundFrames | None) -> tuple[float, float, float]:
    """Share of speech, mean level and noise level (dBFS) of one window."""
    if run is None:
        return 0.0, -120.0, -120.0
    return float((run.voice >= VOICE_PROBABILITY).mean()), float(run.level_db.mean()), run.noise_db


def _extremes(frames: list[FaceFrame], run: SoundFrames | None) -> tuple[int | None, int | None]:
    """Stamps of the newest and the oldest sample used."""
    stamps = [frame.t_ns for frame in (frames[:1] + frames[-1:])]
    if run is not None:
        stamps += [int(run.t_ns[0]) - HALF_ANALYSIS_NS, int(run.t_ns[-1]) + HALF_ANALYSIS_NS]
    return (max(stamps), min(stamps)) if stamps else (None, None)
