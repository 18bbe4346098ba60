"""The service under a real systemd: installed, booted, killed, hung, cut off from its broker, removed.

python -m tests.boot [--offline] [--json] [--write PAGE]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import pytest
from rich.console import Console

from edge.capture.demo import demo_clip
from edge.errors import EdgeError
from engines.marked_page import replace
from tests.bench.table import as_json, table
from tests.boot.machine import missing
from tests.boot.trials import Bench, offline, online

TITLE = "Under systemd in a container, two cores, no GPU:"
KEY = "boot"
EXAMPLES = """examples:
  python -m tests.boot
  python -m tests.boot --offline --json > figures.json
  python -m tests.boot --write docs/service.md
"""


def main() -> int:
    """Measure and print; 1 when a row is not met, 69 when no machine can be booted here."""
    options = _options()
    lacks = missing()
    if lacks is not None:
        print(f"No machine can be booted here: {lacks}.", file=sys.stderr)
        return 69
    bench = Bench()
    console = Console(stderr=True)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="boot-bench-") as folder,
            console.status("install, boot, break, remove"),
        ):
            offline(bench, demo_clip())
            if not options.offline:
                online(bench, demo_clip(), Path(folder))
    except (EdgeError, pytest.skip.Exception) as error:
        console.print(str(error), soft_wrap=True, highlight=False, markup=False)
        return 69
    rows = table(bench.rows, TITLE, KEY)
    transcript = "\n".join(bench.transcript)
    if options.write:
        replace(options.write, KEY, f"{rows.markdown()}\n\n```\n{transcript.rstrip()}\n```\n")
    if options.json:
        print(as_json(bench.rows))
    else:
        print(transcript)
        Console(width=None if sys.stdout.isatty() else 160).print(rows.rich())
    return 0 if all(row.met for row in bench.rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.boot",
        description="What becomes of the service on a machine with a systemd of its own.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--offline", action="store_true", help="without the fresh Debian, which needs a network")
    parser.add_argument("--json", action="store_true", help="figures as JSON instead of transcript and table")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put both into this page, between its marks")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
