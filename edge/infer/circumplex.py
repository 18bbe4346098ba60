"""Valence and arousal of the seven emotions.

Positions: mean pleasure and arousal ratings of the emotion terms in J. A. Russell and A. Mehrabian,
"Evidence for a three-factor theory of emotions", Journal of Research in Personality 11 (1977), 273-294.
Neutral is the origin by definition.
"""

from __future__ import annotations

import numpy as np

from edge.samples import EMOTIONS, Floats

POSITIONS: dict[str, tuple[float, float]] = {
    "neutral": (0.0, 0.0),
    "happy": (0.81, 0.51),
    "sad": (-0.63, -0.27),
    "angry": (-0.51, 0.59),
    "fearful": (-0.64, 0.60),
    "disgust": (-0.60, 0.35),
    "surprised": (0.40, 0.67),
}
_TABLE = np.asarray([POSITIONS[emotion] for emotion in EMOTIONS])


def valence_arousal(probabilities: Floats) -> tuple[float, float]:
    """Expectation of the positions over `probabilities` (7,): derived, not trained."""
    valence, arousal = probabilities @ _TABLE
    return float(valence), float(arousal)
