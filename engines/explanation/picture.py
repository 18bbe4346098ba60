"""One picture of an explanation: the face, the sound, both shares, all verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure

from edge.errors import UsageError
from edge.samples import EMOTIONS, Floats
from engines.explanation.explain import Explanation

_BAND_TITLES = ("MFCC", "Δ", "ΔΔ")
_FOR, _AGAINST = "#b2182b", "#2166ac"
_CAPTION = (
    "Red speaks for the verdict, blue against it; compared with the same face blurred, the same room without speech.\n"
    "Expected gradients (SHAP), in nats of the verdict's log-probability. They tell what this network used: "
    "not what the person feels, and not whether the verdict is right."
)


def draw(told: Explanation, path: Path) -> None:
    """Write a PNG (or what the suffix says). Raises UsageError when it cannot be written."""
    figure = _figure(told)
    try:
        figure.savefig(path, dpi=130, format=_format(path))
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"The picture {path} cannot be written ({reason}): name another file with --out.") from None


def check_picture(path: Path) -> None:
    """Raises UsageError for a suffix that is no kind of picture."""
    kinds = FigureCanvasBase.get_supported_filetypes()
    if _format(path) not in kinds:
        raise UsageError(f"--out {path} ends in {path.suffix}: name a .png file, or one of {', '.join(sorted(kinds))}.")


def _format(path: Path) -> str:
    """What the suffix says; without one PNG, under the very name that was given."""
    return path.suffix[1:].lower() or "png"


def _figure(told: Explanation) -> Any:
    figure: Any = Figure(figsize=(11.5, 7.2), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0.085, 1, 0.915))
    left, right = figure.add_gridspec(1, 2, width_ratios=(1, 1.55))
    above, middle, below = left.subgridspec(3, 1, height_ratios=(3.6, 0.85, 1.9))
    _title(figure, told)
    _face(figure.add_subplot(above), told)
    _shares(figure.add_subplot(middle), told)
    _verdicts(figure.add_subplot(below), told)
    _sound(figure, right.subgridspec(3, 1, hspace=0.06), told)
    figure.text(0.012, 0.012, _CAPTION, fontsize=8.5, color="#444444", va="bottom", linespacing=1.4)
    return figure


def _title(figure: Any, told: Explanation) -> None:
    confidence = float(told.attribution.probabilities.max())
    begin_s, end_s = told.moment.begin_s, told.moment.end_s
    words = f"Why “{told.attribution.emotion}” ({confidence:.0%})?   {told.clip.name}, {begin_s:.1f} – {end_s:.1f} s"
    figure.suptitle(words, fontsize=14, x=0.012, ha="left")


def _face(axes: Any, told: Explanation) -> None:
    """The middle crop in gray, and the heat over it."""
    axes.set_axis_off()
    video, _ = told.attribution.contributions
    axes.set_title(f"Face: {_nats(video)}", fontsize=11, loc="left")
    if not told.moment.has_face:
        axes.text(0.5, 0.5, "no face in this second", ha="center", va="center")
        return
    crop = told.moment.crops[len(told.moment.crops) // 2]
    axes.imshow(crop, cmap="gray", vmin=0, vmax=255)
    heat = _smoothed(told.attribution.face)
    limit = _limit(heat)
    axes.imshow(heat, cmap="RdBu_r", vmin=-limit, vmax=limit, alpha=np.clip(np.abs(heat) / limit, 0.0, 1.0) * 0.75)


def _shares(axes: Any, told: Explanation) -> None:
    """Both modalities' sums of attributions, as bars from zero."""
    values = told.attribution.contributions
    colours = [_FOR if value >= 0 else _AGAINST for value in values]
    axes.barh([1, 0], values, color=colours, height=0.62)
    axes.axvline(0, color="black", lw=0.8)
    shares = told.attribution.shares
    axes.set_yticks([1, 0], [f"face  {shares[0]:.0%}", f"sound  {shares[1]:.0%}"])
    difference = told.attribution.output - told.attribution.reference
    words = f"Shares: {sum(values):+.2f} of {_nats(difference)}".replace("-", "−")
    axes.set_title(words, fontsize=11, loc="left")
    axes.tick_params(axis="x", labelsize=8)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _verdicts(axes: Any, told: Explanation) -> None:
    probabilities = told.attribution.probabilities
    colours = [_FOR if name == told.attribution.emotion else "#b9bec2" for name in EMOTIONS]
    places = np.arange(len(EMOTIONS))[::-1]
    axes.barh(places, probabilities, color=colours, height=0.7)
    axes.set_yticks(places, EMOTIONS, fontsize=9)
    axes.set_xlim(0, 1.0)
    axes.set_xticks([])
    for place, value in zip(places, probabilities, strict=True):
        axes.text(value + 0.01, place, f"{value:.0%}", va="center", fontsize=8)
    axes.set_title("What the student says", fontsize=11, loc="left")
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def _sound(figure: Any, grid: Any, told: Explanation) -> None:
    """Statics, Δ and ΔΔ, each 40 coefficients × 100 frames, on one colour scale."""
    bands = np.split(told.attribution.sound.T, len(_BAND_TITLES))
    limit = max(_limit(band) for band in bands)
    begin_s, end_s = told.moment.end_s - 1.0, told.moment.end_s
    image = None
    panels = [figure.add_subplot(place) for place in grid]
    for number, (axes, band, name) in enumerate(zip(panels, bands, _BAND_TITLES, strict=True)):
        extent = (begin_s, end_s, -0.5, len(band) - 0.5)
        image = axes.imshow(band, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto", origin="lower", extent=extent)
        axes.text(0.008, 0.93, f"{name}: {_nats(float(band.sum()))}", transform=axes.transAxes, va="top", fontsize=9,
                  bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 2})  # fmt: skip
        axes.set_ylabel("coefficient", fontsize=9)
        axes.tick_params(labelsize=8, labelbottom=number == len(panels) - 1)
        _hatch_masked(axes, told, extent)
    panels[0].set_title(f"Sound: {_nats(told.attribution.contributions[1])}", fontsize=11, loc="left")
    panels[-1].set_xlabel("seconds of the clip", fontsize=9)
    bar = figure.colorbar(image, ax=panels, fraction=0.035, pad=0.015)
    bar.set_label("nats per coefficient and 10 ms", fontsize=8)
    bar.ax.tick_params(labelsize=7)


def _hatch_masked(axes: Any, told: Explanation, extent: tuple[float, ...]) -> None:
    masked = ~told.moment.window.sound_mask
    if masked.all():
        axes.text(0.5, 0.5, "no sound in this second", ha="center", va="center", transform=axes.transAxes)
    elif masked.any():
        step_s = (extent[1] - extent[0]) / len(masked)
        for frame in np.flatnonzero(masked):
            axes.axvspan(extent[0] + frame * step_s, extent[0] + (frame + 1) * step_s, color="#dddddd", lw=0)


def _smoothed(heat: Floats) -> Floats:
    """Single pixels are noise of the sampling: a Gaussian of 2 px keeps the sum and shows the regions."""
    return np.asarray(cv2.GaussianBlur(heat, (0, 0), 2.0), np.float32)


def _limit(values: Floats) -> float:
    """The scale's end: the 99.5th percentile, so that one pixel does not fade all others."""
    return max(float(np.quantile(np.abs(values), 0.995)), 1e-9)


def _nats(value: float) -> str:
    return f"{value:+.2f}\u00a0nats".replace("-", "−")
