"""Milliseconds of a tick against its faces, as a picture that stands by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engines.gpu_bench.latency import Latency
from engines.report.svg import Drawing

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT = 420.0, 260.0, 62.0, 34.0, 230.0
_COLOURS = ("#1b6ca8", "#b8530a", "#2f7d4f", "#8e44ad", "#b0203a", "#7a6a00", "#0d8080", "#5c666d")
_STYLE = (
    "<style>.page { fill: #fcfcfb; } text { fill: #1d2327; font: 12.5px system-ui, sans-serif; } "
    ".faint { fill: #5c666d; } line { stroke: #dde1e3; } polyline { fill: none; stroke-width: 2; } "
    ".p99 { stroke-dasharray: 4 4; stroke-width: 1.2; } {colours}</style>"
)


def plot(latencies: Sequence[Latency], row: str, title: str) -> str:
    """An SVG file: p50 solid, p99 dashed, one colour a contender, both axes logarithmic. Empty without figures."""
    shown = [one for one in latencies if one.row == row]
    if not shown:
        return ""
    names = list(dict.fromkeys((one.contender, one.precision) for one in shown))
    faces = sorted({one.faces for one in shown})
    ticks = _ticks(min(one.p50_ms for one in shown), max(one.p99_ms for one in shown))
    drawing = Drawing(_LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + 48, f"{title}: {_told(shown, faces[-1])}.")
    drawing.rectangle(0, 0, _LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + 48, "page")
    drawing.text(_LEFT, 20, title)
    for value in ticks:
        y = _y(value, ticks)
        drawing.line((_LEFT, y), (_LEFT + _WIDTH, y), "rule")
        drawing.text(_LEFT - 8, y + 4, f"{value:g} ms", "end", "faint")
    for n in faces:
        drawing.text(_x(n, faces), _TOP + _HEIGHT + 18, str(n), "middle", "faint")
    drawing.text(_LEFT + _WIDTH / 2, _TOP + _HEIGHT + 38, "faces; solid p50, dashed p99", "middle", "faint")
    ends = []
    for number, (contender, precision) in enumerate(names):
        own = sorted((o for o in shown if (o.contender, o.precision) == (contender, precision)), key=lambda o: o.faces)
        colour = f"c{number % len(_COLOURS)}"
        drawing.path([(_x(o.faces, faces), _y(o.p50_ms, ticks)) for o in own], f"p50 {colour}")
        drawing.path([(_x(o.faces, faces), _y(o.p99_ms, ticks)) for o in own], f"p99 {colour}")
        for one in own:
            drawing.dot((_x(one.faces, faces), _y(one.p50_ms, ticks)), 3.2, f"dot {colour}")
        ends.append((_y(own[-1].p50_ms, ticks), f"{contender} {precision}", colour))
    _name(drawing, ends)
    return _alone(drawing.markup())


def _name(drawing: Drawing, ends: list[tuple[float, str, str]]) -> None:
    """Each line's name at its end, moved down where two would meet."""
    last = -math.inf
    for y, words, colour in sorted(ends):
        last = max(y + 4, last + 15)
        drawing.text(_LEFT + _WIDTH + 12, last, words, kind=f"word {colour}")


def _told(shown: Sequence[Latency], faces: int) -> str:
    return (
        ", ".join(f"{o.contender} {o.precision} {o.p50_ms:.2f} ms" for o in shown if o.faces == faces) + f" at {faces}"
    )


def _ticks(least: float, most: float) -> list[float]:
    """1, 2, 5 times powers of ten, from below `least` to above `most`."""
    steps = [digit * 10.0**power for power in range(-5, 7) for digit in (1, 2, 5)]
    first = max((place for place, value in enumerate(steps) if value <= least), default=0)
    last = min((place for place, value in enumerate(steps) if value >= most), default=len(steps) - 1)
    return steps[first : max(last, first + 1) + 1]


def _x(faces: int, all_faces: Sequence[int]) -> float:
    if len(all_faces) == 1:
        return _LEFT + _WIDTH / 2
    low, high = math.log(all_faces[0]), math.log(all_faces[-1])
    return _LEFT + 14 + (_WIDTH - 28) * (math.log(faces) - low) / (high - low)


def _y(value: float, ticks: Sequence[float]) -> float:
    low, high = math.log(ticks[0]), math.log(ticks[-1])
    return _TOP + _HEIGHT * (1 - (math.log(value) - low) / (high - low))


def _alone(markup: str) -> str:
    """With a style and a name space of its own: no page lends it one."""
    colours = " ".join(
        f"polyline.c{n} {{ stroke: {colour}; }} circle.c{n}, text.c{n} {{ fill: {colour}; }}"
        for n, colour in enumerate(_COLOURS)
    )
    head, _, rest = markup.partition(">")
    style = _STYLE.replace("{colours}", colours)
    return head.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) + ">" + style + rest + "\n"
