"""`edge-engines prepare`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from engines.cli.arguments import bound_threads, with_examples

_EXAMPLES = """examples:
  edge-engines prepare ravdess ~/ravdess                       folders Actor_01 …, or the zips as downloaded
  edge-engines prepare fer2013 ~/fer2013 --out data            fer2013.csv, or train/happy/*.png …
  edge-engines prepare cremad ~/CREMA-D --splits people.csv    your own split: columns person,split
  edge-engines prepare recordings ~/recordings --json          clips made by `edge-emotion record`
Every file is decoded once. Bad ones are listed, with the reason, on the terminal and in DATASET.bad.csv; the others
go into DATASET.manifest.csv. Exit code 1 only when nothing can be used. docs/datasets.md says what each set wants.
"""


def add(commands: Any) -> None:
    """Hang the command in."""
    parser = with_examples(commands.add_parser("prepare", help="check a data set and write its manifest"), _EXAMPLES)
    parser.add_argument(
        "data_set", metavar="DATASET", help="fer2013, ravdess, cremad, iemocap, emodb, nemo, recordings"
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where it lies; one archive will do too")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the manifest goes (default: beside the data)")
    parser.add_argument("--splits", type=Path, metavar="FILE", help="CSV of person,split instead of the fixed rule")
    parser.add_argument("--json", action="store_true", help="the summary as one JSON object on standard output")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    bound_threads(1)
    from engines.datasets.splits import read_splits
    from engines.prepare import prepare, table

    splits = read_splits(arguments.splits) if arguments.splits else None
    prepared = prepare(arguments.data_set, arguments.folder, arguments.out, splits)
    print(json.dumps(prepared.summary(), ensure_ascii=False) if arguments.json else table(prepared))
    return 0 if prepared.manifest.items else 1
