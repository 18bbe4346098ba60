"""The answer to a tick that must do without the judge: the last verdicts, marked as uncertain, for a second."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge.clock import NS_PER_MS, NS_PER_S
from edge.samples import FEATURE_SIZE, WINDOW_FRAMES, FaceVerdict, Result, Sync, VoiceVerdict, Window

HOLD_NS = NS_PER_S

_NO_VOICE = VoiceVerdict(False, None, 0.0, None)


class Held:
    """Remembers each track's last verdict, and the voice's."""

    def __init__(self) -> None:
        self._window: Window | None = None
        self._faces: dict[int, tuple[int, FaceVerdict]] = {}
        self._voice: tuple[int, VoiceVerdict] = (0, _NO_VOICE)

    def saw(self, result: Result) -> None:
        """Take what the judge said about a window."""
        end_ns = result.window.end_ns
        self._window = result.window
        self._faces = {track: seen for track, seen in self._faces.items() if end_ns - seen[0] <= HOLD_NS}
        self._faces.update({one.window.face.track: (end_ns, one) for one in result.faces})
        self._voice = (end_ns, result.voice)

    def clear(self) -> None:
        """Forget everything: what was seen before the privacy switch is not told after it."""
        self._window = None
        self._faces = {}
        self._voice = (0, _NO_VOICE)

    def answer(self, tick: int, end_ns: int, now_ns: int, window: Window | None) -> Result:
        """The result for T = `end_ns` without a judge.

        `window` is this tick's window, where there was time to make it; else the last one stands in for it. A face
        without a verdict of the last HOLD_NS is left out.
        """
        if window is None:
            window = _stand_in(self._window, tick, end_ns)
        else:
            # It was made, if not judged: what it says of lag and lock is newer than what the last judged one says.
            self._window = window
        sync = replace(window.sync, waited_ms=(now_ns - end_ns) / NS_PER_MS, deadline_missed=True)
        faces = []
        for face in window.faces:
            then_ns, known = self._faces.get(face.face.track, (0, None))
            if known is not None and end_ns - then_ns <= HOLD_NS:
                faces.append(replace(known, window=face, verdict=replace(known.verdict, uncertain=True)))
        return Result(replace(window, sync=sync), tuple(faces), self._held_voice(end_ns))

    def _held_voice(self, end_ns: int) -> VoiceVerdict:
        then_ns, voice = self._voice
        if voice.verdict is None or end_ns - then_ns > HOLD_NS:
            return _NO_VOICE
        return replace(voice, verdict=replace(voice.verdict, uncertain=True))


def _stand_in(last: Window | None, tick: int, end_ns: int) -> Window:
    """The last window, or an empty one, as the window of this tick: nothing of the tick's own second is in it."""
    window = last or empty_window(tick, end_ns)
    sync = replace(window.sync, interpolated_video=1.0, interpolated_audio=1.0)
    return replace(window, tick=tick, start_ns=end_ns - NS_PER_S, end_ns=end_ns, sync=sync)


def empty_window(tick: int, end_ns: int) -> Window:
    """A window with nobody in it, and silence."""
    return Window(
        start_ns=end_ns - NS_PER_S,
        end_ns=end_ns,
        tick=tick,
        newest_ns=None,
        oldest_ns=None,
        frame_width=0,
        frame_height=0,
        faces=(),
        sound=np.zeros((WINDOW_FRAMES, FEATURE_SIZE), np.float32),
        sound_mask=np.zeros(WINDOW_FRAMES, np.bool_),
        voice=0.0,
        level_db=-120.0,
        noise_db=-120.0,
        sync=Sync("timestamps", None, None, "measuring", None, 0.0, 0.0, 0.0, 0.0, False),
    )
