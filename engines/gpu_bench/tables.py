"""The record as tables."""

from __future__ import annotations

from collections.abc import Sequence

from engines.gpu_bench.bench import Record
from engines.gpu_bench.latency import Latency, ratio
from engines.gpu_bench.table import Table

_TITLES = {
    "face": "Face encoder",
    "head": "Window head, 3n + 1 rows",
    "tick": "A whole tick: n faces encoded, a window of n faces judged",
}
_UNITS = {"face": "crops/s", "head": "windows/s", "tick": "ticks/s"}


def tables(record: Record) -> list[Table]:
    """Those for which something was measured, and what was not."""
    asked = record.request.rows
    found = [_builds(record)] if record.builds and "build" in asked else []
    found += [_latencies(record, row) for row in record.request.timed]
    found += [_ways(record)] if len(_variants(record)) > 1 else []
    found += [_likenesses(record)] if record.likenesses else []
    found += [_stages(record)] if record.stages else []
    if record.absent:
        found.append(Table("Not measured", ("row", "why"), [(one.row, one.reason) for one in record.absent]))
    return found


def _builds(record: Record) -> Table:
    rows = [(one.graph, one.precision, f"{one.seconds:.1f}", f"{one.size_bytes / 1e6:.2f}") for one in record.builds]
    note = f"From nothing, without a timing cache, for up to {record.request.most_faces} faces."
    return Table("Build", ("graph", "precision", "s", "MB"), rows, note)


def _latencies(record: Record, row: str) -> Table:
    faces = record.request.faces
    ends = sorted({faces[0], faces[-1]})
    cells = _cells(record, row)
    reference = next(iter(cells.values()), {})
    rows = []
    for name, own in cells.items():
        figures = [f"{own[n].p50_ms:.2f} / {own[n].p99_ms:.2f}" if n in own else "–" for n in faces]
        speeds = [f"{own[n].per_s:.0f}" if n in own else "–" for n in ends]
        ratios = [f"{ratio(reference[n], own[n]):.2f} ×" if n in own else "–" for n in ends]
        rows.append((name, *figures, *speeds, *ratios))
    columns = ("", *(_faces(n) for n in faces), *(f"{_UNITS[row]}, {n}" for n in ends), *(f"faster, {n}" for n in ends))
    note = "faster: how many times as fast as ONNX Runtime on the CPU, each round by itself, median over rounds."
    return Table(f"{_TITLES[row]}: ms p50 / p99", columns, rows, note)


def _ways(record: Record) -> Table:
    """One plan, run in different ways."""
    faces, names = record.request.faces, _variants(record)
    rows = []
    for row in record.request.timed:
        cells = _cells(record, row)
        plain = cells.get(names[0], {})
        for name in names[1:]:
            own = cells.get(name, {})
            shares = [f"{ratio(own[n], plain[n]):.2f} ×" if n in own and n in plain else "–" for n in faces]
            rows.append((f"{row}: against {name}", *shares))
    note = "How many times as fast the daemon's own way is: with a CUDA graph, zero-copy on a Jetson, copies elsewhere."
    return Table(f"Ways to run {names[0]}", ("", *(_faces(n) for n in faces)), rows, note)


def _variants(record: Record) -> list[str]:
    """The main plan first, then other ways to run it."""
    others = list(
        dict.fromkeys((o.contender, o.precision) for o in record.latencies if o.contender.startswith("TensorRT, "))
    )
    if not others:
        return []
    return [f"TensorRT {others[0][1]}", *(f"{name} {precision}" for name, precision in others)]


def _likenesses(record: Record) -> Table:
    rows = [
        (
            f"{one.contender} {one.precision}",
            *("no number" if error is None else f"{error:.1e}" for error in (one.most, one.mean)),
            f"{100 * one.agreement:.1f} %",
            str(one.rows),
            "yes" if one.accepted else "NO",
        )
        for one in record.likenesses
    ]
    columns = ("", "largest error", "mean error", "same label", "rows", "accepted")
    note = f"Probabilities against ONNX Runtime on the CPU in fp32, on {record.likenesses[0].source}; the worst output."
    return Table("Parity", columns, rows, note)


def _stages(record: Record) -> Table:
    rows = [
        (
            f"{one.graph} {one.precision}, {_faces(one.faces)}",
            f"{1000 * one.upload_ms:.0f}",
            f"{1000 * one.network_ms:.0f}",
            f"{1000 * one.download_ms:.0f}",
            f"{100 * one.share:.0f} %",
        )
        for one in record.stages
    ]
    note = "µs by CUDA events, with copies also where the board could do without; the share is that of copying."
    return Table("Transfers", ("", "to the GPU", "network", "back", "share"), rows, note)


def _cells(record: Record, row: str) -> dict[str, dict[int, Latency]]:
    """By contender, then by face count."""
    found: dict[str, dict[int, Latency]] = {}
    for one in record.latencies:
        if one.row == row:
            found.setdefault(f"{one.contender} {one.precision}", {})[one.faces] = one
    return found


def _faces(number: int) -> str:
    return "1 face" if number == 1 else f"{number} faces"


def as_lines(record: Record) -> Sequence[str]:
    """What was measured on, above the tables."""
    return [f"Model {record.model}. {record.machine.lines[0]}", *record.machine.lines[1:]]
