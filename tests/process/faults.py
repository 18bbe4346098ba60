"""A site for the process tests: the daemon with camera, microphone and broker, settled, for all tests of a file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.row import Row
from tests.bench.scene import Scene
from tests.fault_bench.fault import Fault
from tests.fault_bench.site import Site, site

SLACK = 4.0
"""The bench's own limits hold on a machine that does nothing else."""


@contextlib.contextmanager
def settled_site(folder: Path, clip: Path, **place: Any) -> Iterator[Site]:
    """It has to end with exit code 0 and without a traceback."""
    with site(Scene(folder, clip, True, lambda _: None), adapt=False, **place) as here:
        here.settle()
        yield here
        done = here.daemon.end()
    assert done.code == 0, done.err
    done.assert_no_traceback()


def survived(here: Site, fault: Fault) -> Row:
    """The fault made and healed; it is judged with slack."""
    row = fault.at(here, SLACK)
    assert row.met, f"{row.done}: {row.measured}; {row.figures}"
    return row
