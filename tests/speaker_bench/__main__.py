"""The command: fits the constants, then measures each person by the constants of the others."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np
from rich.console import Console

from edge.errors import EdgeError
from engines.progress import progress
from tests.speaker_bench.figures import Judged, judged, row
from tests.speaker_bench.fit import FOREIGN, OWN, SILENT, Constants, fitted, in_use, ticks_of
from tests.speaker_bench.scene import scenes
from tests.speaker_bench.talk import People, people_of
from tests.sync_bench.archive import add_archive, opened
from tests.sync_bench.table import Table

FIT_SEED, JUDGE_SEED = 1, 2
EXAMPLES = """examples:
  python -m tests.speaker_bench
  python -m tests.speaker_bench --rounds 10 --json
"""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.speaker_bench",
        description="Fits the constants of the active speaker and shows what they reach on people left out.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_archive(parser)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="scenes of each kind and person (default 3)")
    parser.add_argument("--json", action="store_true", help="figures as JSON instead of a table")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error(f"--rounds {options.rounds}: at least one round is needed, for example --rounds 3")
    return options


def main() -> int:
    """Fit, measure and print; 1 when there is no archive."""
    options = _options()
    cv2.setNumThreads(1)
    try:
        with opened(options.av) as (clips, sights):
            people = people_of(clips, sights)
    except EdgeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    constants, table = measured(people, options.rounds)
    if options.json:
        print(json.dumps({"constants": asdict(constants), "scenes": table.json()}, indent=1))
    else:
        Console().print("  ".join(f"{name} {value:.2f}" for name, value in asdict(constants).items()), table.rich())
    return 0


def measured(people: People, rounds: int) -> tuple[Constants, Table]:
    """Constants fitted on everybody, and the figures of each person under those fitted on the others."""
    judged_by = (OWN, FOREIGN, SILENT)
    ticks = [
        ticks_of(scene) for scene in scenes(people, np.random.default_rng(FIT_SEED), rounds) if scene.kind in judged_by
    ]
    left_out = {name: fitted(ticks, without=name) for name in people}
    runs: dict[str, list[Judged]] = {}
    for scene in progress(list(scenes(people, np.random.default_rng(JUDGE_SEED), rounds)), "scenes"):
        with in_use(left_out[scene.person]):
            runs.setdefault(scene.kind, []).append(judged(scene))
    columns = ("scene", "runs", "right %", "wrong %", "swaps a minute", "first right after s", "after a turn s")
    note = "of the ticks in whose second at least half is speech; seconds of speech; 20 s a run; each person left out"
    table = Table("scenes", "Whose voice it is, in scenes of known speakers", columns, note)
    for kind, found in runs.items():
        table.add(kind, *row(found))
    return fitted(ticks), table


if __name__ == "__main__":
    sys.exit(main())
