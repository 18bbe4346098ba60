"""One line of text for one window: the live line of a terminal, and its plain sister for log files."""

from __future__ import annotations

from dataclasses import dataclass

from edge.publish.message import leading_face
from edge.publish.screen.palette import rgb
from edge.publish.screen.vitals import Vitals
from edge.publish.sink import Message
from edge.samples import EMOTIONS

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = ".:-=+*#@"
_QUIET_DB = -60.0
_GAP = "   "
_DIM = (110, 118, 130)
_ALARM = (248, 113, 113)


@dataclass(frozen=True)
class Style:
    """What the terminal can show."""

    width: int = 80
    color: bool = True
    unicode: bool = True


@dataclass(frozen=True)
class _Piece:
    """Part of the line: its text, the same with colours, and its rank: the lowest finds room first, no two the same."""

    text: str
    painted: str
    rank: int


def live_line(message: Message, vitals: Vitals, style: Style) -> str:
    """At most `style.width` - 1 columns; the least important parts go first."""
    pieces = [
        _verdict(message, vitals, style),
        _bars(message, style),
        _level(vitals, style),
        _piece(_lag(message), 3, style),
        _piece(_latency(message), 2, style),
        _piece("– fps" if vitals.fps is None else f"{vitals.fps:.0f} fps", 4, style),
        _piece(_faces(message), 6, style),
    ]
    if vitals.broker_away:
        pieces.insert(1, _piece(f"broker {vitals.broker}", -1, style, _ALARM))
    if not style.unicode:
        pieces = [_Piece(one.text.replace("–", "-"), one.painted.replace("–", "-"), one.rank) for one in pieces]
    if len(pieces[0].text) > style.width - 1:
        return pieces[0].text[: max(0, style.width - 1)]
    return _GAP.join(piece.painted for piece in _fitting(pieces, style.width - 1))


def _fitting(pieces: list[_Piece], columns: int) -> list[_Piece]:
    """Those that find room, the most important first; their places in the line stay."""
    kept: set[int] = set()
    for piece in sorted(pieces, key=lambda piece: piece.rank):
        if len(piece.text) + (len(_GAP) if kept else 0) <= columns:
            kept.add(piece.rank)
            columns -= len(piece.text) + (len(_GAP) if len(kept) > 1 else 0)
    return [piece for piece in pieces if piece.rank in kept]


def plain_line(message: Message, vitals: Vitals) -> str:
    """The same for a file or a pipe: no colours, no bars, and the time in front."""
    parts = [_verdict(message, vitals, Style(color=False, unicode=False)).text.strip(), _faces(message)]
    parts += [_latency(message), _lag(message)]
    if vitals.fps is not None:
        parts.insert(2, f"{vitals.fps:.1f} fps")
    if vitals.broker_away:
        parts.append(f"broker {vitals.broker}")
    return f"{message['window']['end']}  " + "  |  ".join(parts)


def _verdict(message: Message, vitals: Vitals, style: Style) -> _Piece:
    face, voice = leading_face(message), message["voice"]
    judged = face or (voice if voice["present"] and voice["emotion"] else None)
    if not vitals.enabled:
        return _piece("switched off", 0, style)
    if judged is None:
        return _piece("nobody here".ljust(19), 0, style)
    mark = ("●" if face else "♪") if style.unicode else ("*" if face else "~")
    name = judged["emotion"] + ("?" if judged["uncertain"] else "")
    sure = "" if judged["confidence"] is None else f"{judged['confidence']:4.0%}"
    text = f"{mark} {name:<11}{sure:>5}"
    return _Piece(text, _paint(text, rgb(judged["emotion"]), style, bold=not judged["uncertain"]), 0)


def _bars(message: Message, style: Style) -> _Piece:
    judged = leading_face(message) or message["voice"]
    texts, painted = [], []
    for emotion in EMOTIONS:
        share = judged["probabilities"][emotion] or 0.0
        bar = _block(share, style)
        texts.append(f"{emotion[:3]}{bar}")
        painted.append(_paint(emotion[:3], _DIM, style) + _paint(bar, rgb(emotion), style))
    return _Piece(" ".join(texts), " ".join(painted), 1)


def _level(vitals: Vitals, style: Style) -> _Piece:
    share = 0.0 if vitals.level_db is None else 1.0 - vitals.level_db / _QUIET_DB
    bar = _block(share, style)
    return _Piece(f"mic {bar}", _paint("mic ", _DIM, style) + _paint(bar, (120, 220, 190), style), 5)


def _latency(message: Message) -> str:
    newest = message["window"]["latency_ms"]["newest"]
    return "– ms" if newest is None else f"{newest:.0f} ms"


def _lag(message: Message) -> str:
    sync = message["sync"]
    if sync["audio_lag_ms"] is None:
        return "lag –"
    doubt = {"measuring": "?", "held": "~"}.get(sync["lock"], "")
    return f"lag {sync['audio_lag_ms']:+.0f} ms{doubt}"


def _faces(message: Message) -> str:
    count = len(message["faces"])
    return "1 face" if count == 1 else f"{count} faces"


def _piece(text: str, rank: int, style: Style, color: tuple[int, int, int] = _DIM) -> _Piece:
    return _Piece(text, _paint(text, color, style), rank)


def _block(share: float, style: Style) -> str:
    blocks = _BLOCKS if style.unicode else _ASCII_BLOCKS
    return blocks[round(min(1.0, max(0.0, share)) * (len(blocks) - 1))]


def _paint(text: str, color: tuple[int, int, int], style: Style, *, bold: bool = False) -> str:
    if not style.color:
        return text
    red, green, blue = color
    return f"\x1b[{'1;' if bold else ''}38;2;{red};{green};{blue}m{text}\x1b[0m"
