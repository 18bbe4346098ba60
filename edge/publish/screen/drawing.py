"""What the overlay shows, painted onto a picture: no window, no display needed."""

from __future__ import annotations

import numpy as np

from edge.publish.message import leading_face
from edge.publish.screen.canvas import INK, SOFT, WHITE, Canvas, Color, text_width
from edge.publish.screen.palette import rgb
from edge.publish.screen.vitals import Vitals
from edge.publish.sink import Message
from edge.samples import EMOTIONS, Image

NOTICE = "emotion recognition is running"
_QUIET_DB = -60.0
_MARGIN = 10
_STATUS_COLORS: dict[str | None, Color] = {
    "online": (74, 222, 128),
    "degraded": (250, 204, 21),
    "offline": (248, 93, 93),
}
_GREY: Color = (120, 130, 145)
_NOTICE_DOT: Color = (248, 93, 93)


def draw(image: Image, message: Message | None, vitals: Vitals) -> Image:
    """A new picture with boxes, bars and meters on top of `image` (uint8 BGR); `message` is one of `…/emotion`."""
    canvas = Canvas(np.ascontiguousarray(image).copy())
    if not vitals.enabled:
        canvas.image[:] = (canvas.image * 0.12).astype(np.uint8)
        _center(canvas, "switched off")
        return canvas.image
    leading = leading_face(message) if message else None
    for face in reversed(message["faces"] if message else []):
        _face(canvas, face, leading=face is leading)
    _notice(canvas)
    if message:
        _timing(canvas, message, vitals)
        _bars(canvas, message, leading)
    _sound(canvas, message, vitals)
    return canvas.image


def waiting_picture(width: int = 640, height: int = 480) -> Image:
    """What stands in for the picture as long as there is none: a soft dark gradient."""
    rows = np.linspace(46, 22, height, dtype=np.float32)[:, None, None]
    picture = np.repeat(rows * np.array([1.1, 1.0, 0.9], dtype=np.float32), width, axis=1).astype(np.uint8)
    canvas = Canvas(np.ascontiguousarray(picture))
    _center(canvas, "no picture")
    return canvas.image


def _center(canvas: Canvas, text: str) -> None:
    size = canvas.px(22)
    canvas.text(text, (canvas.width - text_width(text, size)) // 2, canvas.height // 2, size, SOFT)


def _face(canvas: Canvas, face: Message, *, leading: bool) -> None:
    x, y, width, height = _pixels(canvas, face["box"])
    color = rgb(face["emotion"])
    canvas.frame(x, y, width, height, color, canvas.px(2.2 if leading else 1.6))
    size = canvas.px(14 if leading else 12)
    sure = "" if face["confidence"] is None else f"{face['confidence']:.0%}"
    name = face["emotion"] + ("?" if face["uncertain"] else "")
    number = f"#{face['track']}"
    gap, pad = canvas.px(6), canvas.px(8)
    widths = [text_width(number, size), text_width(name, size, bold=True), text_width(sure, size)]
    mark = canvas.px(16) if face["speaking"] else 0
    total, tall = sum(widths) + 2 * gap + 2 * pad + mark, size + canvas.px(9)
    left = min(max(0, x - canvas.px(1)), max(0, canvas.width - total))
    top = y - tall - canvas.px(5)
    top = top if top >= 0 else min(y + canvas.px(5), canvas.height - tall)
    solid = not face["uncertain"]
    canvas.panel(left, top, total, tall, color=color if solid else INK, opacity=0.94 if solid else 0.72)
    ink = INK if solid else color
    base = top + tall // 2 + round(size * 0.36)
    at = canvas.text(number, left + pad, base, size, ink) + gap
    at = canvas.text(name, at, base, size, ink, bold=True) + gap
    at = canvas.text(sure, at, base, size, ink)
    if mark:
        _speaking(canvas, at + gap, top + tall // 2, ink)
    if face["reasons"]:
        _reasons(canvas, face["reasons"], x, y + height)


def _speaking(canvas: Canvas, x: int, middle: int, color: Color) -> None:
    """Three small bars, as sound is drawn everywhere."""
    step, thick = canvas.px(4), canvas.px(2)
    for index, half in enumerate((2.5, 5.0, 3.5)):
        tall = canvas.px(half)
        left = x + index * step
        canvas.image[middle - tall : middle + tall, left : left + thick] = color[::-1]


def _reasons(canvas: Canvas, reasons: list[str], x: int, bottom: int) -> None:
    size, text = canvas.px(11), " · ".join(reasons)
    width, tall = text_width(text, size) + canvas.px(12), size + canvas.px(7)
    top = min(bottom + canvas.px(5), canvas.height - tall)
    canvas.panel(x, top, width, tall)
    canvas.text(text, x + canvas.px(6), top + tall // 2 + round(size * 0.36), size, SOFT)


def _notice(canvas: Canvas) -> None:
    size, margin = canvas.px(12.5), canvas.px(_MARGIN)
    tall = size + canvas.px(11)
    canvas.panel(margin, margin, text_width(NOTICE, size) + canvas.px(32), tall)
    canvas.dot(margin + canvas.px(13), margin + tall / 2, canvas.px(4), _NOTICE_DOT)
    canvas.text(NOTICE, margin + canvas.px(23), margin + tall // 2 + round(size * 0.36), size, WHITE)


def _timing(canvas: Canvas, message: Message, vitals: Vitals) -> None:
    newest, sync = message["window"]["latency_ms"]["newest"], message["sync"]
    lag = sync["audio_lag_ms"]
    pairs = [
        ("–" if vitals.fps is None else f"{vitals.fps:.0f}", "fps"),
        ("–" if newest is None else f"{newest:.0f}", "ms latency"),
        ("–" if lag is None else f"{lag:+.0f}", "ms lag" + ("?" if sync["lock"] == "measuring" else "")),
    ]
    size, margin, gap = canvas.px(12.5), canvas.px(_MARGIN), canvas.px(12)
    space = canvas.px(4)
    widths = [text_width(value, size, bold=True) + space + text_width(unit, size) for value, unit in pairs]
    total, tall = sum(widths) + gap * (len(pairs) - 1) + canvas.px(20), size + canvas.px(11)
    x = canvas.width - margin - total
    canvas.panel(x, margin, total, tall)
    base = margin + tall // 2 + round(size * 0.36)
    at = x + canvas.px(10)
    for value, unit in pairs:
        at = canvas.text(value, at, base, size, WHITE, bold=True) + space
        at = canvas.text(unit, at, base, size, SOFT) + gap


def _bars(canvas: Canvas, message: Message, leading: Message | None) -> None:
    """The card of the leading face, or of the voice when nobody is in the picture."""
    judged = leading or message["voice"]
    if judged["emotion"] is None:
        return
    pad, row, size = canvas.px(11), canvas.px(15.5), canvas.px(11.5)
    title, width = canvas.px(15), canvas.px(186)
    height = 2 * pad + title + canvas.px(9) + len(EMOTIONS) * row
    x, y = _corner(canvas, leading, width, height)
    canvas.panel(x, y, width, height)
    at = canvas.text(judged["emotion"], x + pad, y + pad + canvas.px(12), title, rgb(judged["emotion"]), bold=True)
    about = f"face #{leading['track']}" if leading else "voice"
    about += " · uncertain" if judged["uncertain"] else ""
    canvas.text(about, at + canvas.px(7), y + pad + canvas.px(12), size, SOFT)
    left, percent = x + pad + canvas.px(62), canvas.px(34)
    for index, emotion in enumerate(EMOTIONS):
        share = judged["probabilities"][emotion] or 0.0
        top = y + pad + title + canvas.px(9) + index * row
        base = top + row // 2 + round(size * 0.36)
        best = emotion == judged["emotion"]
        canvas.text(emotion, x + pad, base, size, WHITE if best else SOFT, bold=best)
        tall = canvas.px(6)
        canvas.bar(left, top + (row - tall) // 2, width - pad - percent - (left - x), tall, share, rgb(emotion))
        number = f"{share:.0%}"
        place = x + width - pad - text_width(number, size, bold=best)
        canvas.text(number, place, base, size, WHITE if best else SOFT, bold=best)


def _corner(canvas: Canvas, face: Message | None, width: int, height: int) -> tuple[int, int]:
    """The lower corner that hides less of the face: right, unless the left is better."""
    margin = canvas.px(_MARGIN)
    y = canvas.height - margin - height
    right, left = canvas.width - margin - width, margin
    if face is None:
        return right, y
    face_x, face_y, face_width, face_height = _pixels(canvas, face["box"])

    def hidden(x: int) -> int:
        across = min(x + width, face_x + face_width) - max(x, face_x)
        down = min(y + height, face_y + face_height) - max(y, face_y)
        return int(max(0, across) * max(0, down))

    return (left if hidden(left) < hidden(right) else right), y


def _sound(canvas: Canvas, message: Message | None, vitals: Vitals) -> None:
    """Voice level, the voice's emotion, and whether camera and microphone are there."""
    leading = leading_face(message) if message else None
    size, margin, pad = canvas.px(11.5), canvas.px(_MARGIN), canvas.px(11)
    width, height = canvas.px(196), canvas.px(50)
    card = _corner(canvas, leading, canvas.px(186), canvas.px(154))[0] if leading else canvas.width
    x = canvas.width - margin - width if card == margin else margin
    y = canvas.height - margin - height
    canvas.panel(x, y, width, height)
    share = 0.0 if vitals.level_db is None else min(1.0, max(0.0, 1.0 - vitals.level_db / _QUIET_DB))
    level = (248, 93, 93) if share > 0.92 else (250, 204, 21) if share > 0.8 else (94, 234, 180)
    at = canvas.text("voice", x + pad, y + canvas.px(19), size, SOFT) + canvas.px(8)
    voice = message["voice"] if message else None
    said = voice["emotion"] if voice and voice["present"] else None
    word = said or "silent"
    sure = f" {voice['confidence']:.0%}" if voice and said and voice["confidence"] is not None else ""
    room = text_width(word, size, bold=True) + text_width(sure, size)
    start = x + width - pad - room
    canvas.bar(at, y + canvas.px(12), start - canvas.px(8) - at, canvas.px(6), share, level)
    behind = canvas.text(word, start, y + canvas.px(19), size, rgb(said) if said else _GREY, bold=bool(said))
    canvas.text(sure, behind, y + canvas.px(19), size, WHITE)
    at = x + pad
    sources = [("camera", vitals.video), ("mic", vitals.audio)]
    if vitals.broker is not None:
        sources.append(("broker", "offline" if vitals.broker_away else "online"))
    for name, status in sources:
        canvas.dot(at + canvas.px(3), y + canvas.px(35), canvas.px(3), _STATUS_COLORS.get(status, _GREY))
        at = canvas.text(name, at + canvas.px(10), y + canvas.px(39), size, SOFT) + canvas.px(14)


def _pixels(canvas: Canvas, box: list[float]) -> tuple[int, int, int, int]:
    x, y, width, height = box
    return (
        round(x * canvas.width),
        round(y * canvas.height),
        round(width * canvas.width),
        round(height * canvas.height),
    )
