"""A bench of faults: rows by name, measured one after the other, shown as a table."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from edge.capture.demo import demo_clip
from tests.bench.row import Row
from tests.bench.scene import Scene
from tests.bench.table import as_json, table
from tests.sync_bench.page import write

Measuring = Callable[[Scene], Row]


@dataclass(frozen=True)
class Bench:
    """`python -m <module> [ROW …] [--quick] [--json] [--write PAGE]`.

    A row's function without a docstring of its own is named by its key where it fails. The table stands in a page
    between the marks `key`.
    """

    module: str
    description: str
    examples: str
    title: str
    rows: Mapping[str, Measuring]
    key: str = "faults"

    def main(self) -> int:
        """Measure and print; 1 when a row is not met."""
        options = self._options()
        for name in [name for name in os.environ if name.startswith("EDGE_EMOTION_")]:
            del os.environ[name]  # no setting of this machine
        console = Console(stderr=True)
        rows: list[Row] = []
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, console.status("") as line:
            for name in options.rows or self.rows:
                tell = lambda text, name=name: line.update(f"{name}: {text}")  # noqa: E731
                rows.append(self.measured(name, Scene(Path(folder), demo_clip(), options.quick, tell, options.seed)))
                said = f"{name} ({rows[-1].seconds:.0f} s): {rows[-1].measured}"
                console.print(said, soft_wrap=True, highlight=False)
        if options.write:
            write(options.write, [table(rows, self.title, self.key)])
        if options.json:
            print(as_json(rows))
        else:
            Console(width=None if sys.stdout.isatty() else 160).print(table(rows, self.title, self.key).rich())
            print(f"{sum(row.seconds for row in rows):.0f} s")
        return 0 if all(row.met for row in rows) else 1

    def measured(self, name: str, scene: Scene) -> Row:
        """A row that fails on its way is one that is not met."""
        began = time.monotonic()
        scene.tell("begins")
        try:
            row = self.rows[name](scene)
        except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
            words = getattr(self.rows[name], "words", self.rows[name].__doc__) or name
            words = words.replace("{seconds}", "some")
            row = Row(words, f"failed: {type(error).__name__}: {error}"[:400], "", False)
        return replace(row, key=name, seconds=time.monotonic() - began)

    def _options(self) -> argparse.Namespace:
        parser = argparse.ArgumentParser(
            prog=f"python -m {self.module}",
            description=self.description,
            epilog=self.examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        names = ", ".join(self.rows)
        parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of {names}; all when none is named")
        parser.add_argument("--quick", action="store_true", help="a part of everything, in some minutes")
        parser.add_argument("--json", action="store_true", help="figures as JSON instead of tables")
        parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table into this page, between marks")
        parser.add_argument("--seed", type=int, default=1, help="of all odd moments")
        options = parser.parse_args()
        unknown = [name for name in options.rows if name not in self.rows]
        if unknown:
            parser.error(f"no row is called {', '.join(unknown)}; there are {names}")
        return options
