"""Plots as inline SVG: every colour is a CSS variable of the page, so that they follow its light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Point = tuple[float, float]


class Drawing:
    """An SVG of `width` × `height` units, scaled to the width of its place; `alt` tells what is to be seen."""

    def __init__(self, width: float, height: float, alt: str) -> None:
        self._head = (
            f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(alt, quote=True)}">'
            f"<title>{escape(alt)}</title>"
        )
        self._parts: list[str] = []

    def rectangle(self, x: float, y: float, width: float, height: float, kind: str, strength: float = 1.0) -> None:
        """Filled; `strength` 0 … 1 is its opacity."""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{height:.1f}" class="{kind}" '
            f'fill-opacity="{strength:.2f}"/>'
        )

    def line(self, start: Point, end: Point, kind: str) -> None:
        """Straight."""
        self._parts.append(
            f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" class="{kind}"/>'
        )

    def path(self, points: Sequence[Point], kind: str) -> None:
        """Joined by straight lines."""
        steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polyline points="{steps}" class="{kind}"/>')

    def dot(self, centre: Point, radius: float, kind: str) -> None:
        """Filled circle."""
        self._parts.append(f'<circle cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius:.1f}" class="{kind}"/>')

    def text(self, x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> None:
        """Words on the base line `y`; `anchor` start, middle or end."""
        classes = f' class="{kind}"' if kind else ""
        self._parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{classes}>{escape(words)}</text>')

    def markup(self) -> str:
        """The element."""
        return self._head + "".join(self._parts) + "</svg>"
