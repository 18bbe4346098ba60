"""One window per tick: both streams on one time base, with what was late filled in and marked."""

from __future__ import annotations

import numpy as np

from edge.clock import NS_PER_MS
from edge.samples import FaceFrame, SoundFrames, Sync, Window
from edge.sync.arrival import ArrivalDelay
from edge.sync.closing import DEADLINE_MS, SLACK_MS
from edge.sync.face_window import face_windows
from edge.sync.grids import HALF_ANALYSIS_NS, WINDOW_NS, Grids, grids
from edge.sync.lag import PERSON_LEAD_MS, LagEstimator
from edge.sync.owner import Ownership, gather, path_of
from edge.sync.signals import CHANNEL_COUNT
from edge.sync.sound_history import SoundHistory
from edge.sync.sound_window import sound_window, voice_of, warped
from edge.sync.speaker import SPEAKER_SPAN_S, SpeakerChooser
from edge.sync.tracks import FaceHistory

LAG_SPAN_S = 10.0


class Aligner:
    """Takes feature frames as they come (`add_faces`, `add_sound`), gives windows when asked (`window`).

    `expect_video` and `expect_sound` say which streams there should be: what they do not bring counts as filled in.
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
        """The camera was opened again: its delay and lag may be others, and nobody is still there."""
        self.faces.clear()
        self.video_arrival.reset()
        self.lag.reset()
        self.speaker.reset()

    def reset_sound(self) -> None:
        """The microphone was opened again."""
        self.sound.clear()
        self.sound_arrival.reset()
        self.lag.reset()
        self.speaker.reset()

    def window(self, tick: int, end_ns: int, now_ns: int) -> Window:
        """The window that ends at T = `end_ns`, made of whatever is there now."""
        lag_ms = self.lag.applied_ms
        at = grids(end_ns, lag_ms)
        frames = self.faces.between(at.video_end_ns - WINDOW_NS, at.video_end_ns)
        run = self.sound.between(at.sound_end_ns - WINDOW_NS - HALF_ANALYSIS_NS, at.sound_end_ns)
        sound = sound_window(self.sound, at)
        voice, level_db, noise_db = voice_of(run)
        owner = self.ownership = self._ownership(end_ns, at)
        path = owner.convincing_path if sound.mask.any() else None
        if path is not None:
            sound = warped(self.sound, at, path, sound)
        faces, interpolated_video = face_windows(self.faces, at, owner.track, self.speaker)
        newest_ns, oldest_ns = _extremes(frames, run)
        last = frames[-1] if frames else None
        sync = Sync(
            method="dtw" if path is not None else "offset" if lag_ms else "timestamps",
            audio_lag_ms=self.lag.lag_ms,
            audio_lag_ci_ms=self.lag.ci_ms,
            lock=self.lag.lock,
            drift_ppm=self.lag.drift_ppm,
            dtw_shift_ms=0.0 if path is None else path.shift_ms,
            interpolated_video=float(self.expect_video) if interpolated_video is None else interpolated_video,
            interpolated_audio=sound.interpolated if self.expect_sound else 0.0,
            waited_ms=(now_ns - end_ns) / NS_PER_MS,
            deadline_missed=now_ns - end_ns > (DEADLINE_MS + SLACK_MS) * NS_PER_MS,
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


def _extremes(frames: list[FaceFrame], run: SoundFrames | None) -> tuple[int | None, int | None]:
    """Stamps of the newest and the oldest sample used."""
    stamps = [frame.t_ns for frame in (frames[:1] + frames[-1:])]
    if run is not None:
        stamps += [int(run.t_ns[0]) - HALF_ANALYSIS_NS, int(run.t_ns[-1]) + HALF_ANALYSIS_NS]
    return (max(stamps), min(stamps)) if stamps else (None, None)
