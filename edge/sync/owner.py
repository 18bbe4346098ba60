"""The mouths and the voice of the last seconds, side by side: what lag, speaker and DTW are judged by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.clock import NS_PER_S
from edge.samples import WINDOW_FRAMES, Bools
from edge.sync.dtw import APPLY_MARGIN, KNOWN_LEAD_MARGIN, NEVER, Warp, freed_of_lead, warp
from edge.sync.grids import HALF_ANALYSIS_NS
from edge.sync.lag import PERSON_LEAD_MS
from edge.sync.signals import STEP_NS, Channels, mouth_channels, speech_at, voice_channels
from edge.sync.sound_history import SoundHistory
from edge.sync.tracks import FaceHistory, of_track, present

LEAST_SPEECH = 0.75
"""Share of the window's second with speech: where a voice only begins, its mouth has opened long before."""


@dataclass(frozen=True)
class Evidence:
    """Paired channels (n, C) of every face that is there and of the voice, and where there is speech (n,)."""

    mouths: dict[int, Channels]
    voice: Channels
    speech: Bools


@dataclass(frozen=True)
class Ownership:
    """`track` owns the voice (None: nobody in the picture does). `fallback` names why there is no path."""

    track: int | None = None
    path: Warp | None = None
    fallback: str | None = None

    @property
    def convincing_path(self) -> Warp | None:
        """The path, where a face owns the voice and the path beats the straight one by the margin."""
        return self.path if self.track is not None and self.path is not None and self.path.convincing else None


def gather(
    faces: FaceHistory, sound: SoundHistory, video_end_ns: int, sound_end_ns: int, span_s: float
) -> Evidence | None:
    """The last `span_s` up to the two ends, which are the same moment once the lag is taken out; None without sound."""
    span_ns = int(span_s * NS_PER_S)
    run = sound.between(sound_end_ns - span_ns - HALF_ANALYSIS_NS, sound_end_ns)
    if run is None:
        return None
    offset_ns = video_end_ns - sound_end_ns
    first_ns = max(sound_end_ns - span_ns, int(run.t_ns[0]))
    # The newest sound frame lies half an analysis window before the end: its 30 ms reach up to it.
    count = max(0, (sound_end_ns - HALF_ANALYSIS_NS - first_ns) // STEP_NS + 1)
    grid_ns = sound_end_ns - HALF_ANALYSIS_NS - STEP_NS * np.arange(count - 1, -1, -1, dtype=np.int64)
    frames = faces.between(video_end_ns - span_ns - NS_PER_S // 4, video_end_ns)
    mouths = {
        face.track: mouth_channels(of_track(frames, face.track), grid_ns + offset_ns)
        for face in present(frames, video_end_ns)
    }
    return Evidence(mouths, voice_channels(run, grid_ns), speech_at(run, grid_ns))


def path_of(owner: int | None, evidence: Evidence, lead_ms: float | None) -> Ownership:
    """The warp between the owner's mouth (or the largest face's, to be told) and the voice, run-up and window.

    `lead_ms`: how much earlier these mouths move than their voice sounds, which a path must not take back; None while
    it is not known.
    """
    chosen = owner if owner is not None else next(iter(evidence.mouths), None)
    if chosen is None:
        return Ownership(owner)
    usual_ms, margin = (PERSON_LEAD_MS, APPLY_MARGIN) if lead_ms is None else (lead_ms, KNOWN_LEAD_MARGIN)
    speech = evidence.speech[-WINDOW_FRAMES:]
    if not speech.any() or float(speech.mean()) < LEAST_SPEECH:  # just after a start there is nothing to average
        margin = NEVER
    path = warp(*freed_of_lead(evidence.mouths[chosen], evidence.voice, usual_ms), margin=margin)
    return Ownership(owner, fallback=path) if isinstance(path, str) else Ownership(owner, path)
