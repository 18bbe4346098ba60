"""How well drawn claps are measured: each case is written as an MP4 with sound, and read like any file.

    python -m tests.edge.calibrate.bench [--cases 80] [--seed 0]

prints the table of docs/calibrate.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from edge.calibrate.agreement import Agreement, Shortfall, agree
from edge.calibrate.tape import Tape
from edge.capture import media
from tests.edge.calibrate.drawn import Scene, random_scene, write_clip


@dataclass(frozen=True)
class Case:
    """One drawn scene and what was made of it."""

    scene: Scene
    verdict: Agreement | Shortfall

    @property
    def error_ms(self) -> float:
        assert isinstance(self.verdict, Agreement)
        return self.verdict.offset_ms - self.scene.lag_ms


def measure(path: Path, wanted: int = 3) -> Agreement | Shortfall:
    """The verdict on a whole file, without its pace."""
    tape = Tape()
    for frame in media.frames(path):
        tape.add_frame(frame)
    for chunk in media.chunks(path):
        tape.add_chunk(chunk)
    return agree(tape.heard(), tape.seen(), wanted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=80)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(options.seed)
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in tqdm(range(options.cases)):
            scene = random_scene(rng)
            cases.append(Case(scene, measure(write_clip(Path(folder) / "claps.mp4", scene))))
    groups: dict[str, Callable[[Scene], bool]] = {
        "all": lambda _: True,
        "hands rest together": lambda scene: scene.claps[0].hold_s > 0,
        "hands bounce off": lambda scene: scene.claps[0].hold_s == 0,
        "25 frames/s": lambda scene: scene.fps == 25,
        "30 frames/s": lambda scene: scene.fps == 30,
        "noise at 10 dB": lambda scene: scene.snr_db == 10,
        "speech beside": lambda scene: scene.speech_db is not None,
        "talking head between the hands": lambda scene: scene.talking_head,
        "light changes": lambda scene: scene.light > 0,
    }
    print("| drawn claps | cases | answered | median error | p95 | largest | inside its 95 % interval | ± |")
    print("|---|---|---|---|---|---|---|---|")
    for name, chosen in groups.items():
        print(row(name, [case for case in cases if chosen(case.scene)]))


def row(name: str, cases: Sequence[Case]) -> str:
    """One line of the table; errors are absolute, in ms."""
    answered = [case for case in cases if isinstance(case.verdict, Agreement)]
    if not answered:
        return f"| {name} | {len(cases)} | 0 | | | | | |"
    errors = np.abs([case.error_ms for case in answered])
    half = np.asarray([case.verdict.ci_ms for case in answered if isinstance(case.verdict, Agreement)])
    figures = f"{np.median(errors):.1f} | {np.percentile(errors, 95):.1f} | {errors.max():.1f}"
    inside = f"{np.mean(errors <= half):.0%} | {np.median(half):.1f}"
    return f"| {name} | {len(cases)} | {len(answered)} | {figures} | {inside} |"


if __name__ == "__main__":
    main()
