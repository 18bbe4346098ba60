"""A soak's record as a picture: memory, descriptors, threads and ticks over time, the faults marked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np

from tests.soak.figures import quiet
from tests.soak.plan import KINDS
from tests.soak.record import Record

mpl.use("Agg")

from matplotlib import pyplot as plt

SIZE_IN = (11.0, 8.0)
DPI = 100
TICKS_EVERY_S = 5.0


def draw(record: Record, path: Path) -> None:
    """Write the picture; the name's ending gives the format."""
    figure, axes = plt.subplots(4, 1, sharex=True, figsize=SIZE_IN, height_ratios=(3, 1.5, 1.5, 1.5))
    minutes = _minutes(record, [one.at_s for one in record.samples])
    held = quiet(record)
    for axis, name, label in zip(
        axes, ("rss_mb", "descriptors", "threads"), ("resident, MB", "descriptors", "threads"), strict=False
    ):
        axis.plot(minutes, [getattr(one, name) for one in record.samples], color="tab:blue", linewidth=0.8)
        axis.plot(_minutes(record, held.at_s), getattr(held, name), "o", color="black", markersize=2.5)
        axis.set_ylabel(label)
    centres_s, rates = _ticks_per_s(record)
    axes[3].plot(_minutes(record, centres_s), rates, color="tab:blue", linewidth=0.8)
    axes[3].set_ylabel("results/s")
    axes[3].set_ylim(0, 6)
    axes[3].set_xlabel("minutes")
    _mark(record, axes)
    figure.tight_layout()
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


def _mark(record: Record, axes: Sequence[plt.Axes]) -> None:
    """A coloured stripe for each fault, from its making to its healing; a legend of those that were made."""
    colours = dict(zip(KINDS, plt.get_cmap("tab20").colors, strict=False))
    seen: dict[str, object] = {}
    for made in record.made:
        begin, end = _minutes(record, [made.from_s, made.to_s])
        for axis in axes:
            stripe = axis.axvspan(begin, end, color=colours[made.fault.kind], alpha=0.45, linewidth=0)
        seen.setdefault(made.fault.kind, stripe)
    if seen:
        axes[0].legend(seen.values(), seen, ncols=5, fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0))


def _ticks_per_s(record: Record) -> tuple[list[float], list[float]]:
    times_s = np.asarray([one.t_ns / 1e9 for one in record.ticks])
    edges = np.arange(record.began_s, record.ended_s + TICKS_EVERY_S / 2, TICKS_EVERY_S)
    if len(edges) < 2:
        return [], []
    counts, _ = np.histogram(times_s, edges)
    return list((edges[:-1] + edges[1:]) / 2), list(counts / TICKS_EVERY_S)


def _minutes(record: Record, times_s: Sequence[float]) -> list[float]:
    return [(at_s - record.began_s) / 60 for at_s in times_s]
