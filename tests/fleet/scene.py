"""What a simulated device sees and hears: a face whose mood holds for seconds, and speech in turns."""

from __future__ import annotations

import random
from typing import Any

from edge.clock import NS_PER_S
from edge.publish.schema import load_schema
from edge.samples import EMOTIONS, Result, VoiceVerdict
from tests.edge.publish.records import face, result, silence, verdict

MOOD_S = (2.0, 12.0)
TURN_S = (1.0, 6.0)
SECOND_FACE = 0.2


class Scene:
    """One device's view; the same `seed` sees the same. One device in five has two people before it."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._pair = self._random.random() < SECOND_FACE
        self._mood = "neutral"
        self._mood_until_ns = 0
        self._speaks = False
        self._turn_until_ns = 0
        self._utterance = 0

    def look(self, t_ns: int) -> Result:
        """The window that ends at `t_ns` (CLOCK_MONOTONIC)."""
        if t_ns >= self._mood_until_ns:
            self._mood = self._random.choice(EMOTIONS)
            self._mood_until_ns = t_ns + self._length_ns(MOOD_S)
        if t_ns >= self._turn_until_ns:
            self._speaks = not self._speaks
            self._utterance += self._speaks
            self._turn_until_ns = t_ns + self._length_ns(TURN_S)
        share = self._random.uniform(0.4, 0.95)
        faces = [face(1, judged=verdict(self._mood, share), speaking=self._speaks)]
        if self._pair:
            faces.append(face(2, judged=verdict(share=share), speaking=False))
        return result(faces, self._voice(t_ns, share), t_ns)

    def _voice(self, t_ns: int, share: float) -> VoiceVerdict:
        if not self._speaks:
            return silence()
        left_s = (self._turn_until_ns - t_ns) / NS_PER_S
        return VoiceVerdict(True, self._utterance, TURN_S[1] - left_s, verdict(self._mood, share))

    def _length_ns(self, range_s: tuple[float, float]) -> int:
        return int(self._random.uniform(*range_s) * NS_PER_S)


def stats_example() -> Any:
    """A payload of `…/stats` with every field that its schema demands."""
    return _example(load_schema("stats"))


def _example(schema: dict[str, Any]) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "null")
    kind = next(one for one in ([kinds] if isinstance(kinds, str) else kinds) if one != "null")
    if kind == "object":
        return {name: _example(part) for name, part in schema.get("properties", {}).items()}
    number = min(23.4, schema.get("maximum", 23.4))
    return {"integer": 17, "number": number, "string": "1.2.3", "boolean": True, "array": []}[kind]
