"""The blocks of a result in the order in which they are shown, with names for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SETS = {"ravdess": "RAVDESS", "emodb": "EmoDB", "nemo": "nEMO", "cremad": "CREMA-D", "iemocap": "IEMOCAP"}
FILMS = {
    "both": "face and voice",
    "video": "face alone",
    "audio": "voice alone",
    "noisy_video": "spoiled pictures, clear voice",
    "noisy_sound": "clear pictures, noise",
    "babble": "clear pictures, babble",
}

CLIPS = {name: FILMS[name] for name in ("both", "video", "audio")}


@dataclass(frozen=True)
class Titled:
    """One block of figures."""

    title: str
    figures: dict[str, Any]
    main: bool = True
    """False: a finer look at the block before it (single seconds)."""


def titled_blocks(result: dict[str, Any]) -> list[Titled]:
    """All blocks of one model, each followed by that of its single seconds."""
    blocks = []
    if "fer2013" in result:
        blocks.append(Titled("FER2013, pictures", result["fer2013"]))
        if "certain" in result["fer2013"]:
            blocks.append(Titled("  certain labels only", result["fer2013"]["certain"], main=False))
    for name, figures in result.get("speech", {}).items():
        blocks.append(Titled(f"{SETS.get(name, name)} speech", figures))
    for name, words in FILMS.items():
        if name in result.get("av", {}):
            blocks.append(Titled(f"film, {words}", result["av"][name]))
    for name, words in CLIPS.items():
        if name in result.get("av", {}).get("clips", {}):
            blocks.append(Titled(f"whole films, {words}", result["av"]["clips"][name]))
    return [one for block in blocks for one in (block, *_seconds(block))]


def _seconds(block: Titled) -> list[Titled]:
    windows = block.figures.get("windows")
    return [Titled("  single seconds", windows, main=False)] if windows else []
