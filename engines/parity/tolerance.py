"""How far an engine of each precision may be from ONNX Runtime in fp32 before it is kept, and why so far."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from edge.errors import UsageError
from edge.infer.most_error import MOST_ERROR

TIE = 1e-3
"""Two emotions whose probabilities differ by no more than this are a tie: either is the reference's label."""


@dataclass(frozen=True)
class Tolerance:
    """Limits on calibrated probabilities (after the card's temperature)."""

    precision: str
    most: float
    """The largest absolute error of any probability of any row."""
    mean: float
    """The largest mean absolute error of one output."""
    agreement: float
    """The smallest share of rows with the reference's label, of one output; a tie counts as agreement."""
    reason: str

    def labels(self, n: int) -> int:
        """How many of `n` labels may differ: a part of one counts as one, else a short clip could never hold 99 %."""
        return ceil(round((1.0 - self.agreement) * n, 6))


TOLERANCES = {
    one.precision: one
    for one in (
        Tolerance(
            precision="fp32",
            most=MOST_ERROR["fp32"],
            mean=1e-4,
            agreement=1.0,
            reason="Only the order of additions may differ (TF32, as coarse as fp16, is off): a thousandth is a tenth "
            "of the percentage point that a display shows, and no label moves.",
        ),
        Tolerance(
            precision="fp16",
            most=MOST_ERROR["fp16"],
            mean=1e-3,
            agreement=0.99,
            reason="Eleven bits of mantissa through some forty layers: a hundredth is a ninth of what the fused "
            "verdict moves by from one window to the next, 200 ms later (largest probability, median of 141 steps).",
        ),
        Tolerance(
            precision="int8",
            most=MOST_ERROR["int8"],
            mean=0.01,
            agreement=0.95,
            reason="Eight bits move single windows by as much as two steps of time do, so the mean is what must hold: "
            "a quarter of the usual step (0.037). Measured on held-out people: 0.043 at most, 0.003 on average, 98.3 % "
            "of 724 labels; drawn tones lose twice as many.",
        ),
    )
}


def tolerance(precision: str) -> Tolerance:
    """The limits of one precision. Raises UsageError for an unknown one."""
    if precision not in TOLERANCES:
        raise UsageError(f"Precision {precision!r} is unknown: name one of {', '.join(TOLERANCES)}.")
    return TOLERANCES[precision]
