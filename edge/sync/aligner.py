"""One window per tick: both streams on one time base, with what was late filled in and marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import (
    FEATURE_SIZE,
    VIDEO_SLOTS,
    WINDOW_FRAMES,
    Face,
    FaceFrame,
    FaceWindow,
    Floats,
    SoundFrames,
    Sync,
    Window,
)
from edge.sync.arrival import ArrivalDelay
from edge.sync.correlate import Signal
from edge.sync.dtw import Warp, channels, warp
from edge.sync.interpolate import Resampled, at_grid, linear
from edge.sync.lag import LagEstimator
from edge.sync.speaker import SpeakerChooser
from edge.sync.tracks import FaceHistory, SoundHistory, of_track, on_grid

WINDOW_NS = NS_PER_S
TICK_NS = 200 * NS_PER_MS
DEADLINE_MS = 200.0
CLOSING_SLACK_MS = 10.0
HALF_ANALYSIS_NS = 15 * NS_PER_MS
VIDEO_NEAR_NS = 60 * NS_PER_MS
SOUND_NEAR_NS = 15 * NS_PER_MS
LAG_SPAN_S = 8.0
FACE_FRESH_NS = 500 * NS_PER_MS
VOICE_PROBABILITY = 0.5


@dataclass(frozen=True)
class Grids:
    """The moments at which one window reads each stream. The later stream is read up to T, the other one earlier."""

    video_ns: NDArray[np.int64]
    sound_ns: NDArray[np.int64]
    video_end_ns: int
    sound_end_ns: int


def grids(end_ns: int, lag_ms: float) -> Grids:
    """Grids for the window that ends at `end_ns`, when sound comes `lag_ms` later than the picture."""
    lag_ns = round(lag_ms * NS_PER_MS)
    video_end_ns, sound_end_ns = end_ns - max(0, lag_ns), end_ns - max(0, -lag_ns)
    slots = (np.arange(VIDEO_SLOTS) * 2 + 1 - 2 * VIDEO_SLOTS) * WINDOW_NS // (2 * VIDEO_SLOTS)
    # A sound frame belongs to the window in which its 30 ms of sound ended, so nothing of the future is needed.
    frames = (np.arange(WINDOW_FRAMES) - (WINDOW_FRAMES - 1)) * (WINDOW_NS // WINDOW_FRAMES) - HALF_ANALYSIS_NS
    return Grids(video_end_ns + slots, sound_end_ns + frames, video_end_ns, sound_end_ns)


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
        self.expect_video = True
        self.expect_sound = True
        self._newest_video_ns = 0
        self._newest_sound_ns = 0

    def add_faces(self, frame: FaceFrame) -> None:
        """One looked-at frame."""
        self.faces.add(frame)
        self.video_arrival.add(frame.t_ns, frame.ready_ns)
        self._newest_video_ns = frame.t_ns

    def add_sound(self, run: SoundFrames) -> None:
        """A run of sound feature frames."""
        if len(run.t_ns) == 0:
            return
        self.sound.add(run)
        newest_ns = int(run.t_ns[-1]) + HALF_ANALYSIS_NS
        self.sound_arrival.add(newest_ns, run.ready_ns)
        self._newest_sound_ns = newest_ns

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

    def late(self, end_ns: int) -> bool:
        """Whether an expected stream has not delivered what was captured up to about T."""
        video = self.expect_video and self._newest_video_ns < end_ns - VIDEO_NEAR_NS
        sound = self.expect_sound and self._newest_sound_ns < end_ns - 2 * HALF_ANALYSIS_NS
        return video or sound

    def window(self, tick: int, end_ns: int, now_ns: int) -> Window:
        """The window that ends at T = `end_ns`, made of whatever is there now."""
        lag_ms = self.lag.lag_ms or 0.0
        at = grids(end_ns, lag_ms)
        frames = self.faces.between(at.video_end_ns - WINDOW_NS, at.video_end_ns)
        run = self.sound.between(at.sound_end_ns - WINDOW_NS - HALF_ANALYSIS_NS, at.sound_end_ns)
        sound = _sound_values(run, at.sound_ns, self.sound.begun_ns or 0)
        voice, level_db, noise_db = _voice(run)
        owner, warped = self._own_voice(frames, run, at, voice)
        method = "timestamps" if self.lag.lag_ms is None else "offset"
        applied = owner is not None and isinstance(warped, Warp) and warped.convincing and bool(sound.mask.any())
        if applied and isinstance(warped, Warp):
            method = "dtw"
            sound = _warped(sound, warped)
        faces, interpolated_video = self._faces(frames, at, owner)
        newest_ns, oldest_ns = _extremes(frames, run)
        last = frames[-1] if frames else None
        sync = Sync(
            method=method,  # type: ignore[arg-type]
            audio_lag_ms=self.lag.lag_ms,
            audio_lag_ci_ms=self.lag.ci_ms,
            lock=self.lag.lock,
            drift_ppm=None,
            dtw_shift_ms=warped.shift_ms if applied and isinstance(warped, Warp) else 0.0,
            interpolated_video=interpolated_video,
            interpolated_audio=sound.interpolated if self.expect_sound else 0.0,
            waited_ms=(now_ns - end_ns) / NS_PER_MS,
            deadline_missed=now_ns - end_ns > (DEADLINE_MS + CLOSING_SLACK_MS) * NS_PER_MS,
            fallback=warped if isinstance(warped, str) else None,
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
        seen_ns = np.asarray([frame.t_ns for frame in frames], np.int64)
        windows, missing = [], [0.0 if len(seen_ns) or not self.expect_video else 1.0]
        for face in _present(frames, at.video_end_ns):
            begun_ns = self.faces.begun_ns(face.track) or 0
            values = _embedding_values(of_track(frames, face.track), at.video_ns, begun_ns)
            if values is None:
                continue
            missing.append(values.interpolated)
            windows.append(
                FaceWindow(
                    face, values.values, values.mask, face.track == owner, round(self.speaker.score(face.track), 3)
                )
            )
        return tuple(windows), max(missing)

    def _own_voice(
        self, frames: list[FaceFrame], run: SoundFrames | None, at: Grids, voice: float
    ) -> tuple[int | None, Warp | str | None]:
        """The track that owns the voice, and the warping path of its window (or why there is none)."""
        if run is None or not frames:
            self.speaker.step({}, np.zeros(0), 0.0)
            return None, None
        # The mouth on the sound's own grid, moved to the picture's time.
        moments_ns = at.sound_ns + (at.video_end_ns - at.sound_end_ns)
        envelope = on_grid(run.t_ns, run.level_db, at.sound_ns)
        tracks = {face.track for face in frames[-1].faces}
        mouths = {track: _mouth(frames, track, moments_ns) for track in tracks}
        owner = self.speaker.step({track: motion for track, (motion, _) in mouths.items()}, envelope, voice)
        if not mouths:
            return owner, None
        chosen = owner if owner is not None else next(iter(mouths))
        picture = channels(*mouths[chosen])
        sound = channels(envelope, on_grid(run.t_ns, run.voice, at.sound_ns))
        if isinstance(picture, str):
            return owner, f"mouth {picture}"
        if isinstance(sound, str):
            return owner, f"voice {sound}"
        return owner, warp(picture, sound)

    def estimate_lag(self, end_ns: int) -> None:
        """Look once at the last seconds of the leading face's mouth and the voice; call about once a second."""
        start_ns = end_ns - round(LAG_SPAN_S * NS_PER_S)
        run, frames = self.sound.between(start_ns, end_ns), self.faces.between(start_ns, end_ns)
        faces = _present(frames, end_ns)
        if run is None or not faces:
            self.lag.step(np.zeros(0), np.zeros(0), 0.0)
            return
        owner = self.speaker.owner
        track = owner if owner is not None else max(faces, key=lambda face: face.box.width).track
        grid_ns = np.arange(max(start_ns, int(run.t_ns[0])), end_ns, NS_PER_S // WINDOW_FRAMES, dtype=np.int64)
        if len(grid_ns) == 0:
            return
        motion, _ = _mouth(frames, track, grid_ns)
        envelope = on_grid(run.t_ns, run.level_db, grid_ns)
        speech_s = float((run.voice >= VOICE_PROBABILITY).sum()) / WINDOW_FRAMES
        self.lag.step(motion, envelope, speech_s)


def _present(frames: list[FaceFrame], end_ns: int) -> list[Face]:
    """The newest sight of each face that was seen shortly before the end."""
    newest: dict[int, Face] = {}
    for frame in frames:
        if frame.t_ns > end_ns - FACE_FRESH_NS:
            newest.update({face.track: face for face in frame.faces})
    return sorted(newest.values(), key=lambda face: -face.box.width * face.box.height)


def _embedding_values(
    sights: list[tuple[int, Face]], grid_ns: NDArray[np.int64], begun_ns: int
) -> Resampled | None:
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


def _mouth(frames: list[FaceFrame], track: int, grid_ns: NDArray[np.int64]) -> tuple[Signal, Signal]:
    """Mouth motion and opening of one track at the grid, each (n,)."""
    sights = of_track(frames, track)
    t_ns = np.asarray([t for t, _ in sights], np.int64)
    motion = np.asarray([face.mouth for _, face in sights], np.float32)
    opening = np.asarray([face.mouth_opening for _, face in sights], np.float32)
    return on_grid(t_ns, motion, grid_ns), on_grid(t_ns, opening, grid_ns)


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
