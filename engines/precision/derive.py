"""Makes the student's other precisions of its fp32 files, and keeps only what says the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnx

from edge.errors import EdgeError
from edge.infer.card import GRAPHS, Card, precision_file
from edge.infer.onnx_engine import OnnxEngine
from engines.parity.bar import bar
from engines.parity.compare import compare, work
from engines.parity.feeds import ParityFeeds
from engines.parity.runs import Networks
from engines.parity.tolerance import tolerance
from engines.precision.arithmetic import ReferenceEngine, few
from engines.precision.evidence import Evidence
from engines.precision.fp16 import to_fp16
from engines.precision.int8 import to_int8
from engines.precision.proto import sha256, write

_ROWS_IN_HALF = 24
"""Judged in real half arithmetic too, which takes a second for each."""


def derive(card: Card, draft: Path, precisions: Sequence[str], evidence: Evidence) -> dict[str, Any]:
    """Write the ONNX files of `precisions` into `draft`; returns what the card says of them, by precision.

    Raises EdgeError when one of them does not hold parity with fp32 under ONNX Runtime: then nothing is to be kept.
    """
    told: dict[str, Any] = {}
    if not precisions:
        return told
    with _running(card.face_path, card.head_path) as reference:
        feeds = evidence.feeds(reference.face, card.embedding_size)
        for precision in precisions:
            paths = {graph: draft / precision_file(graph, precision) for graph in GRAPHS}
            made = _half(card, paths) if precision == "fp16" else _eight_bits(card, paths, evidence, reference)
            told[precision] = made | {"parity": _accepted(card, paths, precision, reference, feeds)}
    return told


def _half(card: Card, paths: dict[str, Path]) -> dict[str, Any]:
    for graph, path in paths.items():
        write(to_fp16(onnx.load(card.graph_path(graph))), path)
    return _hashes(paths)


def _eight_bits(card: Card, paths: dict[str, Path], evidence: Evidence, reference: Networks) -> dict[str, Any]:
    calibration = evidence.calibration(reference.face)
    for graph, path in paths.items():
        write(to_int8(card.graph_path(graph), getattr(calibration, graph)), path)
    return _hashes(paths) | {"calibration": calibration.source}


def _hashes(paths: dict[str, Path]) -> dict[str, Any]:
    return {f"{graph}_sha256": sha256(path) for graph, path in paths.items()}


def _accepted(
    card: Card, paths: dict[str, Path], precision: str, reference: Networks, feeds: ParityFeeds
) -> dict[str, Any]:
    with _running(paths["face"], paths["head"]) as candidate:
        figures = _held(card, precision, reference, candidate, feeds)
    figures["reference"], figures["source"] = "fp32, ONNX Runtime on a CPU", feeds.source
    if precision == "fp16":
        with ReferenceEngine(paths["face"]) as face, ReferenceEngine(paths["head"]) as head:
            some = few(feeds, _ROWS_IN_HALF)
            figures["in_half"] = _held(card, "fp16", reference, Networks(face, head), some)
    return figures


@contextmanager
def _running(face: Path, head: Path) -> Iterator[Networks]:
    with OnnxEngine(face) as first, OnnxEngine(head) as second:
        yield Networks(first, second)


def _held(card: Card, precision: str, reference: Networks, candidate: Networks, feeds: ParityFeeds) -> dict[str, Any]:
    """What the card keeps: the worst of all outputs, in probability. Raises EdgeError when parity does not hold."""
    with bar(f"parity of {precision}", work(feeds)) as watch:
        parity = compare(reference, candidate, feeds, tolerance(precision), card.temperature, watch=watch)
    if not parity.accepted:
        raise EdgeError(f"{parity.words} Nothing is written.")
    worst = parity.worst
    return {
        "rows": parity.rows,
        "max": _short(worst.most),
        "mean": _short(worst.mean),
        "agreement": round(worst.agreement, 4),
    }


def _short(value: float) -> float:
    return float(f"{value:.3g}")
