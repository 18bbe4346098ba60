"""Soft panels, rounded boxes and clean text on a picture, with OpenCV 4 and 5."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.samples import Image

Color = tuple[int, int, int]
"""Red, green, blue."""
WHITE: Color = (248, 250, 252)
SOFT: Color = (190, 199, 212)
INK: Color = (13, 18, 28)

_FONT: Any = cv2.FontFace("sans") if hasattr(cv2, "FontFace") else None
_REGULAR, _BOLD = 420, 640
_TYPOGRAPHY = {ord("·"): "-", ord("–"): "-", ord("…"): "..."}


def _bgr(color: Color) -> Color:
    return color[2], color[1], color[0]


def text_width(text: str, size: int, *, bold: bool = False) -> int:
    """Pixels that `text` is wide, `size` pixels high."""
    if _FONT is not None:
        x, _, width, _ = cv2.getTextSize((8192, 8192), text, (0, 0), _FONT, size, _BOLD if bold else _REGULAR)
        return int(x + width)
    (width, _), _ = cv2.getTextSize(*_hershey(text, size, bold=bold))
    return int(width)


def _hershey(text: str, size: int, *, bold: bool) -> tuple[str, int, float, int]:
    """OpenCV 4 draws only ASCII, in Hershey's letters: 22 pixels high at scale 1."""
    ascii_text = text.translate(_TYPOGRAPHY).encode("ascii", "replace").decode()
    return ascii_text, cv2.FONT_HERSHEY_DUPLEX if bold else cv2.FONT_HERSHEY_SIMPLEX, 0.72 * size / 22, 1


class Canvas:
    """Draws on `image` (uint8 BGR, contiguous) in place; all coordinates in pixels, colours in RGB."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.height, self.width = image.shape[:2]
        self.unit = min(3.0, max(0.7, min(self.height / 480, self.width / 640)))

    def px(self, length: float) -> int:
        """`length` of a 640×480 picture in pixels of this one."""
        return int(max(1, round(length * self.unit)))

    def panel(self, x: int, y: int, width: int, height: int, *, color: Color = INK, opacity: float = 0.68) -> None:
        """A rounded translucent panel; what is behind is blurred, so that text on it stays readable."""
        left, top = max(0, x), max(0, y)
        right, bottom = min(self.width, x + width), min(self.height, y + height)
        if right <= left or bottom <= top:
            return
        below = self.image[top:bottom, left:right]
        blurred = below if opacity >= 1 else cv2.blur(below, (self.px(15), self.px(15)))
        tinted = cv2.addWeighted(blurred, 1 - opacity, np.full_like(below, _bgr(color)), opacity, 0)
        mask = self._rounded(width, height)[top - y : bottom - y, left - x : right - x, None]
        below[:] = (tinted * mask + below * (1 - mask)).astype(np.uint8)

    def _rounded(self, width: int, height: int) -> NDArray[np.float32]:
        """Coverage 0 … 1 of a rounded rectangle: its distance field, softened over one pixel."""
        radius = min(self.px(9), width / 2, height / 2)
        x = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2) - (width / 2 - radius)
        y = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2) - (height / 2 - radius)
        distance = np.hypot(np.maximum(x, 0)[None, :], np.maximum(y, 0)[:, None]) - radius
        coverage: NDArray[np.float32] = np.clip(0.5 - distance, 0, 1).astype(np.float32)
        return coverage

    def text(self, text: str, x: int, y: int, size: int, color: Color = WHITE, *, bold: bool = False) -> int:
        """Write with the baseline's left end at (x, y); returns the x behind the text."""
        if _FONT is not None:
            cv2.putText(self.image, text, (x, y), _bgr(color), _FONT, size, _BOLD if bold else _REGULAR)
        else:
            plain, font, scale, thickness = _hershey(text, size, bold=bold)
            cv2.putText(self.image, plain, (x, y), font, scale, _bgr(color), thickness, cv2.LINE_AA)
        return int(x + text_width(text, size, bold=bold))

    def dot(self, x: float, y: float, radius: float, color: Color) -> None:
        """A filled circle, placed to a sixteenth of a pixel."""
        center = (round(x * 16), round(y * 16))
        cv2.circle(self.image, center, round(radius * 16), _bgr(color), -1, cv2.LINE_AA, 4)

    def bar(self, x: int, y: int, width: int, height: int, share: float, color: Color) -> None:
        """A horizontal bar with round ends, filled to `share` of its width, on a faint track."""
        self._capsule(x, y, width, height, (58, 66, 82))
        if share > 0.004:
            self._capsule(x, y, max(height, round(width * min(1.0, share))), height, color)

    def _capsule(self, x: int, y: int, width: int, height: int, color: Color) -> None:
        radius, middle = height / 2, round((y + height / 2) * 16)
        ends = ((round((x + radius) * 16), middle), (round((x + width - radius) * 16), middle))
        cv2.line(self.image, *ends, _bgr(color), height, cv2.LINE_AA, 4)

    def frame(self, x: int, y: int, width: int, height: int, color: Color, thickness: int) -> None:
        """A rounded outline with a thin dark edge, so that it stands out on any background."""
        radius = max(0, min(self.px(12), width // 2, height // 2))
        for shade, stroke in ((INK, thickness + 2), (color, thickness)):
            self._outline(x, y, x + width, y + height, radius, _bgr(shade), stroke)

    def _outline(self, left: int, top: int, right: int, bottom: int, radius: int, color: Color, stroke: int) -> None:
        for start, end in (
            ((left + radius, top), (right - radius, top)),
            ((left + radius, bottom), (right - radius, bottom)),
            ((left, top + radius), (left, bottom - radius)),
            ((right, top + radius), (right, bottom - radius)),
        ):
            cv2.line(self.image, start, end, color, stroke, cv2.LINE_AA)
        for center, angle in (
            ((left + radius, top + radius), 180),
            ((right - radius, top + radius), 270),
            ((right - radius, bottom - radius), 0),
            ((left + radius, bottom - radius), 90),
        ):
            cv2.ellipse(self.image, center, (radius, radius), angle, 0, 90, color, stroke, cv2.LINE_AA)
