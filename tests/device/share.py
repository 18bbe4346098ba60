"""The folder that host and guest share: the project's files and an order go in, rows and words come out."""

from __future__ import annotations

import json
import shutil
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import resample_poly

from edge.capture.demo_speech import SPEECH_RATE_HZ, make_speech
from edge.samples import RATE_HZ

CODE = ("edge", "systemd", "tests/bench", "tests/device")
START = Path(__file__).with_name("start.sh")
SPEECH = "speech.wav"
TIMES = 30
"""It is said so often in one go: a new player makes a pause."""
ORDER = "order.json"
ROWS = "rows.jsonl"
WORDS = "words"
DONE = "done"


class Share:
    """The host's side. A boot begins with `order` and has ended when `done` says so."""

    def __init__(self, folder: Path, repository: Path) -> None:
        self.folder = folder
        for name in CODE:
            shutil.copytree(
                repository / name, folder / "project" / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
            )
        (folder / "project" / "tests" / "__init__.py").touch()
        shutil.copy2(START, folder / "start.sh")
        _speech(folder / SPEECH)

    def order(self, boot: str, rows: Sequence[str], before_cut: Sequence[str] = ()) -> None:
        """What the next boot is to do."""
        (self.folder / DONE).unlink(missing_ok=True)
        order = {"boot": boot, "rows": list(rows), "before_cut": list(before_cut)}
        (self.folder / ORDER).write_text(json.dumps(order), encoding="utf-8")

    def rows(self) -> list[dict[str, Any]]:
        """What has been measured so far."""
        path = self.folder / ROWS
        lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else [""]
        return [json.loads(line) for line in lines[:-1]]  # the last may be half written

    def words(self) -> str:
        """What the guest does just now."""
        try:
            return (self.folder / WORDS).read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def done(self) -> bool:
        """Whether this boot's order is carried out."""
        return (self.folder / DONE).exists()


def _speech(path: Path) -> None:
    """At the rate that the daemon asks for: both sides of a loopback card run at one rate."""
    common = int(np.gcd(SPEECH_RATE_HZ, RATE_HZ))
    sound = resample_poly(make_speech(), RATE_HZ // common, SPEECH_RATE_HZ // common)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(np.tile((np.clip(sound, -1, 1) * 32767).astype("<i2"), TIMES).tobytes())
