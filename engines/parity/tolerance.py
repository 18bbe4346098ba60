"""How far an engine of each precision may be from ONNX Runtime in fp32: the one place where that is written down."""

from __future__ import annotations

from dataclasses import dataclass

from edge.errors import UsageError

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


TOLERANCES = {
    one.precision: one
    for one in (
        Tolerance(
            precision="fp32",
            most=1e-3,
            mean=1e-4,
            agreement=1.0,
            reason="Only the order of additions may differ (TF32 included): no one sees a thousandth, no label moves.",
        ),
        Tolerance(
            precision="fp16",
            most=1e-2,
            mean=1e-3,
            agreement=0.99,
            reason="Eleven bits of mantissa through some forty layers: a hundredth is less than the published "
            "confidence moves from one window to the next.",
        ),
        Tolerance(
            precision="int8",
            most=0.15,
            mean=0.02,
            agreement=0.97,
            reason="Eight bits move single windows: the mean must stay within the card's calibration error, "
            "and a label may change only where two emotions are close.",
        ),
    )
}


def tolerance(precision: str) -> Tolerance:
    """The limits of one precision. Raises UsageError for an unknown one."""
    if precision not in TOLERANCES:
        raise UsageError(f"Precision {precision!r} is unknown: name one of {', '.join(TOLERANCES)}.")
    return TOLERANCES[precision]
