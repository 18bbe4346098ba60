"""Whose voice it is: a filter over who speaks, one of the faces or nobody in the picture.

The forward algorithm of a hidden Markov model. Who speaks changes rarely; each tick's new moments speak for or
against each face by how its mouth agrees with the voice and by whether it moves at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.samples import Bools
from edge.sync.agreement import LAGS, TICK_POINTS, evidence, products
from edge.sync.mouth_mode import MouthMode
from edge.sync.signals import SIGNAL_RATE_HZ, Channels

SPEAKER_SPAN_S = 3.0
"""Seconds over which channels are z-scored; only what is new since the last step counts as evidence."""
TAKE_SCORE = 0.65
KEEP_SCORE = 0.4
LEAST_VOICE = 0.2
"""Share of the last second with speech under which nobody speaks, unless a voice has just begun."""
STILL_VOICE = 0.05
"""Share from which on somebody who spoke is still speaking: the voice's utterance goes on as long."""
BEGUN_VOICE = 0.5
"""Share of what is new since the last step with speech from which on a voice has begun."""
OFF_SCREEN = 0.35
"""Prior probability that a voice belongs to nobody in the picture."""
CHANGE = 0.01
"""Probability per tick that somebody else has begun to speak."""
_LAG_PRIOR = np.exp(-0.5 * ((LAGS - 2) / 5.0) ** 2)
_LAG_PRIOR /= _LAG_PRIOR.sum()
"""A speaker's mouth leads by 20 ± 50 ms: most people's own lead, and what the lag's estimate may be off by."""


class SpeakerChooser:
    """Keeps for each track the probability that it speaks, and the track that owns the voice, if any."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nothing is known: at the begin, and when another lag is taken out than before."""
        self._belief: dict[int, NDArray[np.float64]] = {}
        """Probability of each track at each of LAGS (n_lags,); with `_nobody` they sum to 1."""
        self._nobody = 1.0
        self._modes: dict[int, MouthMode] = {}
        self._before_ns: int | None = None
        self._chosen: int | None = None
        self._voiced = False

    @property
    def owner(self) -> int | None:
        """The track whose voice it is; None while nobody speaks or nobody in the picture does."""
        return self._chosen if self._voiced else None

    def score(self, track: int) -> float:
        """Probability 0 … 1 that this face speaks; 0 while there is no voice."""
        return self._probability(track) if self._voiced else 0.0

    def step(self, now_ns: int, mouths: dict[int, Channels], voice: Channels, speech: Bools) -> int | None:
        """The last SPEAKER_SPAN_S, which end at `now_ns`: `mouths` of each track and `voice` (n, C), `speech` (n,)."""
        new = self._new_points(now_ns, len(speech))
        fresh = speech[len(speech) - new :]
        least = STILL_VOICE if self._voiced else LEAST_VOICE
        self._voiced = _share(speech[-SIGNAL_RATE_HZ:]) >= least or _share(fresh) >= BEGUN_VOICE
        self._predict(list(mouths), new / TICK_POINTS)
        for track, mouth in mouths.items():
            moving = self._modes[track].step(mouth, new / TICK_POINTS)
            if not fresh.any():
                continue
            found = products(mouth, voice, speech, new)
            self._belief[track] *= np.exp(moving if found is None else moving + evidence(found))
        self._normalise()
        self._chosen = self._choose()
        return self.owner

    def _new_points(self, now_ns: int, length: int) -> int:
        """How many of the points have come since the last step; after a jump of the clock, all."""
        before_ns, self._before_ns = self._before_ns, now_ns
        if before_ns is None or now_ns < before_ns:
            return length
        return min(length, round((now_ns - before_ns) * SIGNAL_RATE_HZ / 1e9))

    def _predict(self, tracks: list[int], ticks: float) -> None:
        """Before the evidence: somebody else may have begun; what a lost track had is shared among all."""
        face = (1.0 - OFF_SCREEN) / max(1, len(tracks))
        came = sum(track not in self._belief for track in tracks)
        stays = (1.0 - CHANGE) ** ticks * (1.0 - came * face)
        known = {track: stays * self._belief.get(track, np.zeros(len(LAGS))) for track in tracks}
        nobody = stays * self._nobody
        free = 1.0 - nobody - sum(float(belief.sum()) for belief in known.values())
        self._belief = {track: belief + free * face * _LAG_PRIOR for track, belief in known.items()}
        self._nobody = nobody + free * (OFF_SCREEN if tracks else 1.0)
        self._modes = {track: self._modes.get(track) or MouthMode() for track in tracks}

    def _normalise(self) -> None:
        total = self._nobody + sum(float(belief.sum()) for belief in self._belief.values())
        self._nobody /= total
        self._belief = {track: belief / total for track, belief in self._belief.items()}

    def _choose(self) -> int | None:
        """The likeliest face, if likely enough; the one before keeps the voice a little longer."""
        best = max(self._belief, key=self._probability, default=None)
        if best is not None and self._probability(best) >= TAKE_SCORE:
            return best
        return self._chosen if self._chosen is not None and self._probability(self._chosen) >= KEEP_SCORE else None

    def _probability(self, track: int) -> float:
        return min(1.0, float(self._belief[track].sum())) if track in self._belief else 0.0


def _share(speech: Bools) -> float:
    return float(speech.mean()) if len(speech) else 0.0
