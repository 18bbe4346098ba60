"""Faults of real devices, in a guest of its own kernel: vivid is the camera, snd-aloop the sound card.

python -m tests.device [ROW …] [--json] [--write PAGE] [--accel kvm|tcg] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from edge.errors import EdgeError
from tests.bench.row import Row
from tests.bench.table import as_json, table
from tests.device.accelerator import best
from tests.device.host import Host
from tests.device.image import image
from tests.device.inside.trials import TRIALS
from tests.sync_bench.page import write

REPOSITORY = Path(__file__).resolve().parents[2]
TITLE = "With a stock Debian kernel's own devices, in a guest (behaviour only: it is too slow for times):"
KEY = "device"
EXAMPLES = """examples:
  python -m tests.device
  python -m tests.device camera-unplugged card-unplugged
  python -m tests.device --json > figures.json
  python -m tests.device --write docs/faults.md
"""


def main() -> int:
    """Measure and print; 1 when a row is not met, 69 when there is no guest."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the guest is ended and its folder removed
    console = Console(stderr=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="device-bench-") as folder, console.status("") as line:

        def tell(words: str) -> None:
            text = f"{time.monotonic() - began:4.0f} s  {words}"
            line.update(text)
            if not console.is_terminal:
                console.print(text, soft_wrap=True, highlight=False, markup=False)

        def on_row(row: Row) -> None:
            mark = "met" if row.met else "NOT MET"
            console.print(f"{row.key}, {mark}: {row.measured}", soft_wrap=True, highlight=False, markup=False)

        try:
            disk = image(REPOSITORY, lambda words: tell(f"the guest's disk (made once): {words}"))
            place = options.keep or Path(folder)
            rows = Host(disk, place, REPOSITORY, tell, on_row).run(options.rows or list(TRIALS), options.accel)
        except EdgeError as error:
            console.print(str(error), soft_wrap=True, highlight=False, markup=False)
            return 69
        except KeyboardInterrupt:
            return 130
    if options.write:
        write(options.write, [table(rows, TITLE, KEY)])
    if options.json:
        print(as_json(rows))
    else:
        Console(width=None if sys.stdout.isatty() else 160).print(table(rows, TITLE, KEY).rich())
        print(f"{time.monotonic() - began:.0f} s, {options.accel}")
    return 0 if all(row.met for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.device",
        description="What the service does when real devices, clocks and processes fail, in a QEMU guest.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of {', '.join(TRIALS)}; all when none is named")
    parser.add_argument("--json", action="store_true", help="figures as JSON instead of a table")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table into this page, between its marks")
    parser.add_argument("--accel", choices=("kvm", "tcg"), default=best(), help="what runs the guest (%(default)s)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave disk, logs and rows in this empty folder")
    options = parser.parse_args()
    unknown = [name for name in options.rows if name not in TRIALS]
    if unknown:
        parser.error(f"no row is called {', '.join(unknown)}; there are {', '.join(TRIALS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
